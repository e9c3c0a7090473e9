"""Which metrics are a study's losses, and their curves as the database holds them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest
import sqlalchemy as sa

from lrsweep.analysis.labels import Label
from lrsweep.executors.inline import Training
from lrsweep.plan import SweepPlan
from lrsweep.report.diagnoses import LossNames, loss_names, read_diagnoses, trial_diagnosis
from lrsweep.store import tables
from lrsweep.store.read import StudyReader
from lrsweep.trial import Curve, Job, Outcome
from tests.report.builder import row, study
from tests.sweep.inline import PlanMaker, run


@pytest.mark.parametrize(
    ("objective", "others", "training", "validation"),
    [
        ("val_loss", ["train_loss", "val_accuracy", "lr"], "train_loss", "val_loss"),
        ("val_loss", ["loss", "accuracy"], "loss", "val_loss"),
        ("Loss/val", ["Loss/train", "LR"], "Loss/train", "Loss/val"),
        ("eval_loss", ["train/loss", "train/grad_norm"], "train/loss", "eval_loss"),
        ("val_accuracy", ["train_loss", "val_loss"], "train_loss", "val_loss"),
        ("accuracy", ["loss"], "loss", None),
        ("test_loss", ["val_loss", "train_loss"], "train_loss", "test_loss"),
        ("val_loss", ["test_loss"], None, "val_loss"),
        ("val_rmse", ["train_rmse", "train_loss"], "train_rmse", "val_rmse"),
        ("score", ["train_nll", "val_nll"], "train_nll", "val_nll"),
        ("val_loss", ["old_loss", "initial_loss"], None, "val_loss"),
    ],
)
def test_training_and_validation_loss_are_told_by_their_names(
    objective: str, others: Sequence[str], training: str | None, validation: str | None
) -> None:
    names = loss_names(objective, [objective, *others])
    assert names is not None
    assert (names.training, names.validation) == (training, validation)


def test_the_loss_before_training_is_known_by_its_name() -> None:
    names = loss_names("val_loss", ["initial_loss", "train_loss"])
    assert names == LossNames("train_loss", "val_loss", "initial_loss")


def test_an_accuracy_stands_for_its_error_where_there_is_no_loss() -> None:
    names = loss_names("val_accuracy", ["train_accuracy", "f1"])
    assert names == LossNames("train_accuracy", "val_accuracy", None, higher_is_better=True)
    curve = Curve("val_accuracy", (1, 2), (0.4, 0.9))
    validation = names.losses({"val_accuracy": curve}).validation
    assert validation is not None
    assert validation.metric == "1 - val_accuracy"
    assert validation.values == pytest.approx((0.6, 0.1))
    percent = names.losses({"val_accuracy": replace(curve, values=(40.0, 90.0))}).validation
    assert percent is not None
    assert percent.values == pytest.approx((60.0, 10.0))


@pytest.mark.parametrize(
    ("objective", "others"),
    [
        ("episode_return", ["policy_loss", "value_loss"]),
        ("val_perplexity", []),
        ("neg_loss", []),
    ],
)
def test_where_nothing_says_which_is_the_loss_none_is_chosen(
    objective: str, others: Sequence[str]
) -> None:
    assert loss_names(objective, [objective, *others]) is None


# -- reading -------------------------------------------------------------------------------------


def reporting(job: Job) -> Training:
    """Too slow at the lowest rate, healthy at the middle one, diverged above."""
    rate = 10 * float(job.first.params["lr"] or 0)
    for step in range(1, 11):
        loss = 0.1 + 2.2 * math.exp(-rate * step) if rate < 10 else math.nan
        yield step, {"val_loss": loss + 0.1, "train_loss": loss, "val_accuracy": 1.0}
    return 0


@pytest.fixture
def plan(make_plan: PlanMaker) -> SweepPlan:
    plan = make_plan(space=("lr=0.00001,0.1,1.0",), sampler="grid")
    run(plan, reporting)
    return plan


def test_each_trial_read_has_its_label(plan: SweepPlan) -> None:
    with StudyReader(plan.storage) as reader:
        rows = reader.study()
        diagnoses = read_diagnoses(reader, rows, rows.trials)
        found = {rows.trials[number].params["lr"]: seen.label for number, seen in diagnoses.items()}
    assert found == {1e-5: Label.TOO_SLOW, 0.1: Label.HEALTHY, 1.0: Label.DIVERGED}


def test_the_best_is_always_among_the_trials_read(plan: SweepPlan) -> None:
    with StudyReader(plan.storage) as reader:
        rows = reader.study()
        assert rows.best is not None
        assert set(read_diagnoses(reader, rows, ())) == {rows.best.number}
        assert read_diagnoses(reader, rows, rows.trials, every=False) == {}


def test_of_very_many_trials_only_the_best_is_read_unless_asked(
    plan: SweepPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lrsweep.report.diagnoses.MOST_TRIALS", 2)
    with StudyReader(plan.storage) as reader:
        rows = reader.study()
        assert len(read_diagnoses(reader, rows, rows.trials)) == 1
        assert len(read_diagnoses(reader, rows, rows.trials[:2])) == 2
        assert len(read_diagnoses(reader, rows, rows.trials, every=True)) == 3


def test_a_trial_shown_alone_gets_the_same_label(plan: SweepPlan) -> None:
    with StudyReader(plan.storage) as reader:
        rows = reader.study()
        diagnoses = read_diagnoses(reader, rows, rows.trials)
        for trial in rows.trials:
            curves = reader.curves(rows.name, trial.number)
            assert trial_diagnosis(rows, trial, curves) == diagnoses[trial.number]


def test_reading_many_trials_finds_what_reading_one_does(plan: SweepPlan) -> None:
    with StudyReader(plan.storage) as reader:
        for wanted in (None, (0, 2)):
            found = dict(reader.curves_by_trial(plan.study, ("val_loss", "train_loss"), wanted))
            assert list(found) == list(wanted or (0, 1, 2))
            for number, curves in found.items():
                alone = {c.metric: c for c in reader.curves(plan.study, number)}
                assert curves.keys() == {"val_loss", "train_loss"}
                for name, curve in curves.items():
                    assert curve.steps == alone[name].steps
                    assert repr(curve.values) == repr(alone[name].values)


def test_of_a_trial_that_was_tried_again_the_last_attempt_counts(plan: SweepPlan) -> None:
    again = {"study_id": 1, "number": 0, "attempt": 2, "name": "train_loss"}
    with sa.create_engine(plan.storage).begin() as connection:
        for step, value in ((1, 0.5), (2, 0.25)):
            connection.execute(
                tables.points.insert().values(**again, place=step, step=step, value=value)
            )
    with StudyReader(plan.storage) as reader:
        [(_, curves)] = reader.curves_by_trial(plan.study, ("train_loss",), (0,))
    assert curves["train_loss"] == Curve("train_loss", (1, 2), (0.5, 0.25))


CURVE = Curve("train_loss", tuple(range(10)), tuple(0.1 + 2.2 * math.exp(-t) for t in range(10)))


@pytest.mark.parametrize("outcome", [Outcome.CRASHED, Outcome.LOST, None])
def test_a_curve_that_was_cut_by_accident_is_not_judged(outcome: Outcome | None) -> None:
    rows = study([row(0, 0.5)], metrics={0: {"train_loss": 0.1}})
    assert trial_diagnosis(rows, rows.trials[0], (CURVE,)) is not None
    assert trial_diagnosis(rows, replace(rows.trials[0], outcome=outcome), (CURVE,)) is None


def test_a_range_test_raises_its_rate_and_is_not_judged() -> None:
    for command, known in (("run", True), ("find", False)):
        rows = study([row(0, 0.5)], metric="train_loss", sweep_command=("lrsweep", command))
        assert (trial_diagnosis(rows, rows.trials[0], (CURVE,)) is not None) is known
