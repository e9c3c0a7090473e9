"""Studies that others made with Optuna, and ours whose plan is damaged: read as far as they go."""

from __future__ import annotations

import math
import sqlite3
from pathlib import Path

import optuna
import pytest

from lrsweep.report.document import document
from lrsweep.report.export import to_csv, to_json
from lrsweep.report.markdown import to_markdown
from lrsweep.report.study_report import read_report
from lrsweep.store.read import StudyReader
from lrsweep.trial import Outcome
from tests.sweep.inline import PlanMaker, run

URL = "sqlite:///lrsweep.db"


@pytest.fixture
def plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> optuna.Study:
    monkeypatch.chdir(tmp_path)
    study = optuna.create_study(storage=URL, study_name="plain", direction="maximize")
    with pytest.warns(optuna.exceptions.ExperimentalWarning):
        study.set_metric_names(["accuracy"])

    def objective(trial: optuna.Trial) -> float:
        rate = trial.suggest_float("lr", 1e-5, 1, log=True)
        trial.suggest_categorical("optimizer", ["sgd", None, True])
        trial.suggest_int("layers", 1, 4)
        trial.report(0.25, 0)
        trial.report(math.nan, 1)
        if trial.number == 1:
            raise optuna.TrialPruned
        if trial.number == 2:
            raise ValueError
        return rate if trial.number else -math.inf

    study.optimize(objective, n_trials=5, catch=ValueError)
    study.enqueue_trial({"lr": 0.5})
    return study


def test_an_optuna_study_is_listed_and_reported(plain: optuna.Study) -> None:
    with StudyReader(URL) as reader:
        assert reader.names() == ("plain",)
        report = read_report(reader, None)
        [curve] = reader.curves("plain", 3)
    rows = report.rows
    assert (rows.metric, rows.direction) == ("accuracy", "maximize")
    assert rows.space == ("lr=1e-05:1:log", "optimizer=sgd,null,true", "layers=1:4:int")
    assert [trial.outcome for trial in rows.trials] == [
        Outcome.DIVERGED,
        Outcome.PRUNED,
        Outcome.CRASHED,
        Outcome.COMPLETED,
        Outcome.COMPLETED,
        None,
    ]
    assert [dict(t.params) for t in rows.trials[:5]] == [t.params for t in plain.trials[:5]]
    assert (curve.metric, curve.steps, curve.values[0]) == ("accuracy", (0, 1), 0.25)
    assert math.isnan(curve.values[1])
    for text in (to_json(report), to_csv(report), to_markdown(report)):
        assert "accuracy" in text
    assert "accuracy against lr" in [
        part.title for part in document(report) if hasattr(part, "title")
    ]


def test_several_objectives_names_that_we_cannot_say_and_no_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    two = optuna.create_study(storage=URL, study_name="two", directions=["maximize", "minimize"])
    two.optimize(lambda trial: (trial.suggest_float("x y=[", 0, 1), 5.0), n_trials=2)
    optuna.create_study(storage=URL, study_name="empty")
    with StudyReader(URL) as reader:
        assert set(reader.names()) == {"two", "empty"}
        rows = reader.study("two")
        assert rows.direction == "maximize"
        assert [t.value for t in rows.trials] == [
            values[0] for values in (t.values for t in two.trials)
        ]
        assert reader.study("empty").trials == ()


def test_a_study_of_ours_with_a_damaged_plan_is_read_from_optuna_s_tables(
    make_plan: PlanMaker,
) -> None:
    plan = make_plan()
    run(plan)
    with StudyReader(plan.storage) as reader:
        whole = reader.study()
    for damaged in ("{", "[]", '{"metric": "val_loss"}'):
        with sqlite3.connect("lrsweep.db") as connection:
            connection.execute(
                "update study_user_attributes set value_json = ? where key = 'lrsweep:plan'",
                (damaged,),
            )
        connection.close()
        with StudyReader(plan.storage) as reader:
            read = reader.study()
        assert read.name == whole.name
        assert [t.params for t in read.trials] == [t.params for t in whole.trials]
        assert [t.value for t in read.trials] == [t.value for t in whole.trials]


def test_ours_come_before_those_of_others(make_plan: PlanMaker) -> None:
    plan = make_plan()
    run(plan)
    optuna.create_study(storage=plan.storage, study_name="theirs").optimize(
        lambda trial: trial.suggest_float("x", 0, 1), n_trials=1
    )
    with StudyReader(plan.storage) as reader:
        assert reader.names() == (plan.study, "theirs")
        assert reader.study().name == plan.study


def test_other_tools_see_what_the_objective_is_called(make_plan: PlanMaker) -> None:
    plan = make_plan()
    run(plan)
    assert optuna.load_study(study_name=plan.study, storage=plan.storage).metric_names == [
        "val_loss"
    ]
