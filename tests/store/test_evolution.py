"""A study's plan may change where its trials stay comparable; what else is refused."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from lrsweep.errors import StudyMismatch
from lrsweep.plan import SweepPlan
from lrsweep.trial import Outcome
from tests.sweep.inline import Notebook, PlanMaker, opened_by_optuna, rows, run

SCRIPT = """
import argparse, lrsweep
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
parser.add_argument("--optimizer", default="sgd")
parser.add_argument("--momentum", type=float, default=0.9)
parser.add_argument("--wd", type=float)
parser.add_argument("--epochs", type=int)
"""
WAS = ("lr=1e-4:0.1", "optimizer=sgd,adamw")


@pytest.fixture
def make(make_plan: PlanMaker) -> PlanMaker:
    Path("train.py").write_text(SCRIPT)

    def made(space: tuple[str, ...] = WAS, **changes: object) -> SweepPlan:
        return make_plan(space=space, **changes)

    return made


def versions() -> list[list[str]]:
    with closing(sqlite3.connect("lrsweep.db")) as connection:
        found = connection.execute("SELECT facts FROM lrsweep_plans ORDER BY version").fetchall()
    return [json.loads(facts)["space"] for (facts,) in found]


@pytest.mark.parametrize("sampler", ["tpe", "gp", "grid"])
@pytest.mark.parametrize(
    "space",
    [
        ("lr=1e-4:0.1", "optimizer=adamw,sgd"),
        ("lr=1e-5:1", "optimizer=sgd,adamw"),
        ("lr=1e-3:0.01", "optimizer=sgd,adamw"),
        ("lr=1e-4:0.1", "optimizer=sgd,adamw,lion"),
        ("lr=1e-4:0.1", "optimizer=sgd,lion"),
        ("lr=0.1,0.01,0.001", "optimizer=sgd,adamw"),
        ("optimizer=sgd,adamw", "lr=1e-4:0.1"),
        ("lr=1e-4:0.1", "optimizer=sgd,adamw", "momentum=0.5:0.99"),
        ("lr=1e-4:0.1", "optimizer=sgd,adamw", "momentum=0.9"),
    ],
)
def test_a_space_that_stays_comparable_is_a_new_version(
    make: PlanMaker, space: tuple[str, ...], sampler: str
) -> None:
    run(make(sampler="random", trials=4))
    run(make(space, sampler=sampler, trials=8))
    plan = make(space, sampler=sampler, trials=8)
    found = rows(plan)
    assert len(found.trials) == 8
    assert all(t.outcome in (Outcome.COMPLETED, Outcome.DIVERGED) for t in found.trials)
    assert found.space == plan.space.texts()
    assert versions() == [list(make().space.texts()), list(plan.space.texts())]
    with opened_by_optuna(plan.study, plan.storage) as study:
        assert len(study.trials) == 8


@pytest.mark.parametrize(
    ("space", "why"),
    [
        (("lr=1e-4:0.1",), "optimizer is gone"),
        ((*WAS, "wd=0:1"), "wd is new, and nothing tells which value earlier trials had"),
        ((*WAS, "momentum=0.5"), "momentum is new"),
        (("lr@sgd=1e-4:0.1", "optimizer=sgd,adamw"), "lr is gone"),
    ],
)
def test_a_space_in_which_trials_mean_something_else_is_refused(
    make: PlanMaker, space: tuple[str, ...], why: str
) -> None:
    run(make(trials=2))
    with pytest.raises(StudyMismatch, match=why):
        run(make(space, trials=3))
    assert len(versions()) == 1


@pytest.mark.parametrize("other", [{"metric": "accuracy"}, {"direction": "maximize"}])
def test_another_objective_is_refused(make: PlanMaker, other: dict[str, str]) -> None:
    run(make(trials=2))
    with pytest.raises(StudyMismatch, match=r"was .* and is now"):
        run(make(trials=3, **other))


def test_another_fixed_value_is_refused(make: PlanMaker) -> None:
    run(make(trials=1, fixed=("epochs=5",)))
    with pytest.raises(StudyMismatch, match="epochs was fixed 5 and is now fixed 10"):
        run(make(trials=2, fixed=("epochs=10",)))


def test_earlier_trials_outside_of_the_space_are_kept_and_said(make: PlanMaker) -> None:
    run(make(("lr=0.001,0.1", "optimizer=sgd,adamw"), sampler="grid", trials=None))
    notebook = Notebook()
    run(make(("lr=0.01:0.5", "optimizer=sgd,adamw"), sampler="tpe", trials=6), notebook=notebook)
    said = "the space has changed since the last run; 2 earlier trials outside of it kept"
    assert any(note.startswith(said) for note in notebook.notes)
    assert [t.params["lr"] for t in rows(make()).trials[:4]].count(0.001) == 2


def test_an_option_that_the_plan_did_not_know_when_it_was_stored_is_no_difference(
    make: PlanMaker,
) -> None:
    run(make(trials=1))
    with closing(sqlite3.connect("lrsweep.db")) as connection:
        (text,) = connection.execute("SELECT value_json FROM study_user_attributes").fetchone()
        facts = json.loads(text)
        del facts["objective"]
        connection.execute("UPDATE study_user_attributes SET value_json = ?", [json.dumps(facts)])
        connection.commit()
    run(make(trials=2))
