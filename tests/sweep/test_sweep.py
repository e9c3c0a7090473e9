"""Whole sweeps on a real SQLite study, with trainings that run in this process."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import optuna
import pytest
from optuna.trial import FrozenTrial, TrialState

from lrsweep.errors import InputError, StudyMismatch
from lrsweep.executors.inline import Training
from lrsweep.plan import SweepPlan
from lrsweep.store.read import StudyReader
from lrsweep.sweep import first_commands
from lrsweep.trial import Job, Outcome
from tests.sweep.inline import Notebook, PlanMaker, opened_by_optuna, rows, run


def load(plan: SweepPlan) -> list[FrozenTrial]:
    """The trials as plain Optuna reads them."""
    with opened_by_optuna(plan.study, plan.storage) as study:
        return study.trials


def test_plain_optuna_opens_the_study_with_states_values_and_curves(make_plan: PlanMaker) -> None:
    plan = make_plan(sampler="grid", space=("lr=0.001,0.01,1.0",))
    run(plan)
    low, best, diverged = load(plan)
    assert (low.state, best.state, diverged.state) == (TrialState.COMPLETE,) * 3
    assert best.params == {"lr": 0.01}
    assert best.value == pytest.approx(1 / 3)
    assert best.intermediate_values == {1: 1.0, 2: 0.5, 3: pytest.approx(1 / 3)}
    assert diverged.value == math.inf
    assert diverged.user_attrs["diverged"] is True
    assert math.isnan(diverged.intermediate_values[2])
    with opened_by_optuna(plan.study, plan.storage) as study:
        assert study.best_trial.number == 1
    assert best.datetime_start is not None
    assert best.datetime_complete is not None


def test_what_the_study_holds_is_what_the_report_reads(make_plan: PlanMaker) -> None:
    plan = make_plan()
    run(plan)
    read, stored = rows(plan), load(plan)
    assert [t.params for t in read.trials] == [t.params for t in stored]
    assert read.best is not None
    assert read.best.value == min(t.value for t in stored if t.value is not None)
    assert read.metric == "val_loss"
    assert set(read.metrics[0]) == {"accuracy"}


def test_curves_of_every_metric_are_kept(make_plan: PlanMaker) -> None:
    plan = make_plan(trials=1)
    run(plan)
    with StudyReader(plan.storage) as reader:
        objective, accuracy = reader.curves(None, 0)
    assert (objective.metric, accuracy.metric) == ("val_loss", "accuracy")
    assert objective.steps == accuracy.steps == (1, 2, 3)
    assert accuracy.values == pytest.approx([1 / (1 + v) for v in objective.values])


@pytest.mark.parametrize("sampler", ["auto", "random", "tpe", "gp", "qmc", "cmaes"])
def test_every_sampler_stays_in_the_space(make_plan: PlanMaker, sampler: str) -> None:
    space = ("lr=1e-4:1", "batch_size=16:256:pow2", "optimizer=sgd,adam", "momentum@sgd=0:0.9")
    plan = make_plan(sampler=sampler, space=space, trials=16)
    run(plan)
    for trial in rows(plan).trials:
        params = trial.params
        assert 1e-4 <= float(params["lr"] or 0) <= 1
        assert params["batch_size"] in (16, 32, 64, 128, 256)
        assert ("momentum" in params) == (params["optimizer"] == "sgd")


@pytest.mark.parametrize("sampler", ["auto", "random", "tpe", "gp", "qmc", "cmaes"])
def test_the_same_seed_gives_the_same_sweep(make_plan: PlanMaker, sampler: str) -> None:
    plans = [make_plan(sampler=sampler, trials=12, study=name) for name in ("a", "b")]
    for plan in plans:
        run(plan)
    first, second = ([t.params for t in rows(plan).trials] for plan in plans)
    assert first == second


@pytest.mark.parametrize("sampler", ["auto", "random", "tpe", "gp", "qmc", "cmaes"])
def test_going_on_never_repeats_points(make_plan: PlanMaker, sampler: str) -> None:
    for trials in (4, 8, 12):
        run(make_plan(sampler=sampler, trials=trials))
    tried = [t.params["lr"] for t in rows(make_plan()).trials]
    assert len(tried) == len(set(tried)) == 12


def test_learning_rates_are_drawn_on_a_log_scale(make_plan: PlanMaker) -> None:
    plan = make_plan(trials=200)
    run(plan)
    below = sum(float(t.params["lr"] or 0) < 1e-2 for t in rows(plan).trials)
    assert 70 < below < 130


def test_tpe_learns_from_what_diverged(make_plan: PlanMaker) -> None:
    plan = make_plan(sampler="tpe", trials=40, space=("lr=1e-4:1e4",))
    run(plan)
    trials = rows(plan).trials
    early, late = (
        sum(t.outcome is Outcome.DIVERGED for t in part) for part in (trials[:10], trials[30:])
    )
    assert late < early


def test_the_same_command_goes_on_up_to_trials(make_plan: PlanMaker) -> None:
    run(make_plan(trials=2))
    notebook = Notebook()
    run(make_plan(trials=5), notebook=notebook)
    assert len(notebook.started) == 3
    run(make_plan(trials=5), notebook=notebook)
    assert len(notebook.started) == 3


def test_the_grid_is_run_whole_without_a_number_of_trials(make_plan: PlanMaker) -> None:
    plan = make_plan(sampler="grid", trials=None, space=("lr=1e-3:1", "optimizer=sgd,adam"))
    run(plan)
    assert len(rows(plan).trials) == 8


def test_an_interrupted_grid_is_completed_without_repeats(make_plan: PlanMaker) -> None:
    run(make_plan(sampler="grid", trials=3, space=("lr=1e-3:1", "optimizer=sgd,adam")))
    plan = make_plan(sampler="grid", trials=None, space=("lr=1e-3:1", "optimizer=sgd,adam"))
    run(plan)
    points = [tuple(t.params.items()) for t in rows(plan).trials]
    assert len(points) == len(set(points)) == 8


def test_a_grid_runs_failed_points_again(make_plan: PlanMaker) -> None:
    def crash(_job: Job) -> Training:
        yield 1, {"val_loss": 1.0}
        raise KeyError("x")

    plan = make_plan(sampler="grid", trials=None, space=("lr=1e-3:1",))
    end = run(plan, crash)
    assert end.failed_all
    assert end.gave_up
    assert end.interrupted == "3 trials failed the same way: exit code 1: KeyError: 'x'"
    run(plan)
    outcomes = [t.outcome for t in rows(plan).trials]
    assert outcomes == [Outcome.CRASHED] * 3 + [Outcome.COMPLETED] * 3 + [Outcome.DIVERGED]


def test_a_crash_a_divergence_and_a_silent_script_get_their_outcomes(make_plan: PlanMaker) -> None:
    def mixed(job: Job) -> Training:
        match job.first.key.trial:
            case 0:
                yield 1, {"val_loss": 1.0}
                raise KeyError("x")
            case 1:
                yield 1, {"val_loss": math.inf}
            case 2:
                yield 1, {"accuracy": 1.0}
            case _:
                yield 1, {"val_loss": 1.0}
        return 0

    plan = make_plan(trials=2)
    run(plan, mixed)
    assert [t.outcome for t in rows(plan).trials] == [
        Outcome.CRASHED,
        Outcome.DIVERGED,
        Outcome.CRASHED,
        Outcome.COMPLETED,
    ]
    states = [t.state for t in load(plan)]
    assert states == [TrialState.FAIL, TrialState.COMPLETE, TrialState.FAIL, TrialState.COMPLETE]
    assert rows(plan).trials[0].reason == "exit code 1: KeyError: 'x'"


def test_median_pruning_stops_trials_and_says_so_to_optuna(make_plan: PlanMaker) -> None:
    def ranked(job: Job) -> Training:
        for step in range(1, 11):
            yield step, {"val_loss": float(job.first.key.trial)}
        return 0

    plan = make_plan(pruner="median", trials=10)
    run(plan, ranked)
    outcomes = [t.outcome for t in rows(plan).trials]
    assert outcomes[:5] == [Outcome.COMPLETED] * 5
    assert outcomes[5:] == [Outcome.PRUNED] * 5
    pruned = load(plan)[9]
    assert pruned.state is TrialState.PRUNED
    assert pruned.value == 9.0
    assert len(pruned.intermediate_values) < 10


def test_a_resumed_sweep_compares_with_the_curves_of_the_first(make_plan: PlanMaker) -> None:
    def ranked(job: Job) -> Training:
        for step in range(1, 11):
            yield step, {"val_loss": float(job.first.key.trial)}
        return 0

    run(make_plan(pruner="median", trials=5), ranked)
    plan = make_plan(pruner="median", trials=6)
    run(plan, ranked)
    assert rows(plan).trials[5].outcome is Outcome.PRUNED


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"space": ("lr=1e-4:1", "wd=0,0.1")}, "wd is new"),
        ({"direction": "maximize"}, "the direction was minimize and is now maximize"),
        ({"metric": "test_loss"}, "the metric was val_loss and is now test_loss"),
        ({"command": ("--epochs", "3")}, "the target was python train.py and is now"),
        ({"fixed": ("epochs=3",)}, "epochs is new"),
    ],
)
def test_other_settings_under_the_same_name_are_refused(
    make_plan: PlanMaker, changes: dict[str, object], sentence: str
) -> None:
    run(make_plan())
    before = Path("lrsweep.db").read_bytes()
    with pytest.raises(StudyMismatch, match=sentence):
        run(make_plan(**changes))
    assert Path("lrsweep.db").read_bytes() == before


def test_another_sampler_may_go_on_with_a_study(make_plan: PlanMaker) -> None:
    run(make_plan(trials=3))
    plan = make_plan(trials=6, sampler="tpe")
    run(plan)
    assert len(rows(plan).trials) == 6


def test_a_dry_run_shows_the_commands_that_would_come_first_and_writes_nothing(
    make_plan: PlanMaker, tmp_path: Path
) -> None:
    plan = make_plan()
    commands = first_commands(plan, 3)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["train.py"]
    run(plan)
    assert [t.command for t in rows(plan).trials[:3]] == commands


def test_a_trial_waits_in_optunas_queue_and_is_run(make_plan: PlanMaker) -> None:
    run(make_plan(trials=2))
    plan = make_plan(trials=4)
    with opened_by_optuna(plan.study, plan.storage) as study:
        study.enqueue_trial({"lr": 0.0123})
    run(plan)
    assert rows(plan).trials[2].params == {"lr": 0.0123}


@pytest.mark.parametrize("sampler", ["random", "grid", "tpe"])
def test_batches_that_do_not_fit_are_not_tried_again_even_by_a_later_run(
    make_plan: PlanMaker, sampler: str
) -> None:
    def too_large(job: Job) -> Training:
        if int(job.first.params["batch_size"] or 0) > 64:
            raise MemoryError
        yield 1, {"val_loss": 1.0}
        return 0

    space = ("lr=0.1:1:points=2", "batch_size=16:512:pow2")
    for trials in (8, 24):
        plan = make_plan(space=space, sampler=sampler, trials=trials)
        run(plan, too_large)
    tried = [int(t.params["batch_size"] or 0) for t in rows(plan).trials]
    outcomes = [t.outcome for t in rows(plan).trials]
    failed = [b for b, o in zip(tried, outcomes, strict=True) if o is Outcome.OUT_OF_MEMORY]
    assert failed
    assert failed == sorted(set(failed), reverse=True)  # each lower than the one before


def test_two_sweeps_on_one_study_are_kept_apart(make_plan: PlanMaker) -> None:
    plan = make_plan()

    def second(_job: Job) -> Training:
        with pytest.raises(InputError, match="is being run by another lrsweep, process"):
            run(plan)
        yield 1, {"val_loss": 1.0}
        return 0

    assert run(plan, second).ran == {Outcome.COMPLETED: 6}


def test_several_studies_share_a_database(make_plan: PlanMaker) -> None:
    run(make_plan(study="first"))
    run(make_plan(study="second", trials=2))
    with StudyReader("sqlite:///lrsweep.db") as reader:
        assert reader.names() == ("second", "first")
        assert reader.study().name == "second"
        assert len(reader.study("first").trials) == 6


def test_a_study_that_optuna_deleted_leaves_nothing_to_the_next(make_plan: PlanMaker) -> None:
    plan = make_plan()
    run(plan)
    with opened_by_optuna(plan.study, plan.storage) as study:
        optuna.delete_study(study_name=plan.study, storage=study._storage)
    with pytest.raises(StudyMismatch, match="holds the trials of another study, 'train'"):
        run(make_plan(trials=2))
    shutil.rmtree(plan.sweep_dir)
    run(make_plan(trials=2))
    assert len(rows(plan).trials) == 2
