"""What a sweep decides can be seen afterwards: in its journal, its study, and by `lrsweep show`."""

from __future__ import annotations

from typing import Any

import pytest
from rich.console import Console

from lrsweep.executors.inline import InlineExecutor, Training
from lrsweep.executors.place import FixedPlace
from lrsweep.journal import journal_path, read_journal
from lrsweep.plan import SweepPlan
from lrsweep.report.terminal import print_parts
from lrsweep.report.trial import trial_parts
from lrsweep.store.read import StudyReader
from lrsweep.sweep import run_sweep
from lrsweep.trial import Job, Outcome, Slot, Verdict
from tests.sweep.inline import Notebook, PlanMaker, bowl, opened_by_optuna, rows, run

ABOVE = "9 lies above the threshold 5"


def two(job: Job) -> Training:
    """Trial 1 is far too high."""
    for step in (1, 2, 3):
        yield step, {"val_loss": 9.0 if job.first.key.trial == 1 else 1.0}
    return 0


@pytest.fixture
def pruned(make_plan: PlanMaker) -> tuple[SweepPlan, InlineExecutor]:
    plan = make_plan(pruner="threshold:upper=5,warmup=0", trials=2)
    executor = InlineExecutor(two)
    run_sweep(plan, Notebook(), executor)
    return plan, executor


def events(plan: SweepPlan, event: str) -> list[dict[str, Any]]:
    return [dict(entry.facts) for entry in read_journal(plan.sweep_dir) if entry.event == event]


def test_a_verdict_reaches_the_script_the_study_and_the_journal(
    pruned: tuple[SweepPlan, InlineExecutor],
) -> None:
    plan, executor = pruned
    assert executor.reasons == [ABOVE]
    assert rows(plan).trials[1].reason == ABOVE
    with StudyReader(plan.storage) as reader:
        expected = Verdict("threshold", ABOVE, {"value": 9.0, "threshold": 5.0})
        assert reader.verdict(plan.study, 1) == expected
        assert reader.verdict(plan.study, 0) is None
    with opened_by_optuna(plan.study, plan.storage) as study:
        assert study.trials[1].user_attrs["verdict"]["rule"] == "threshold"
    [stop] = events(plan, "stop")
    assert (stop["trial"], stop["how"], stop["reason"]) == (1, "ask", ABOVE)
    ended = events(plan, "ended")[1]
    assert (ended["outcome"], ended["rule"], ended["numbers"]["threshold"]) == (
        "pruned",
        "threshold",
        5.0,
    )


def test_show_explains_why_a_trial_was_stopped(
    pruned: tuple[SweepPlan, InlineExecutor], capsys: pytest.CaptureFixture[str]
) -> None:
    plan, _ = pruned
    with StudyReader(plan.storage) as reader:
        parts = trial_parts(
            rows(plan), 1, reader.curves(plan.study, 1), reader.verdict(plan.study, 1)
        )
        print_parts(parts, Console(width=80))
    shown = capsys.readouterr().out
    assert "Why it was stopped" in shown
    assert "threshold" in shown


def test_the_journal_tells_the_whole_story(make_plan: PlanMaker) -> None:
    plan = make_plan(sampler="grid", trials=None, space=("lr=0.1,0.01",))
    run(plan)
    story = [entry.event for entry in read_journal(plan.sweep_dir)]
    once = ["proposed", "started", "ended"]
    assert story == ["sweep_started", *once, *once, "exhausted", "sweep_ended"]
    assert events(plan, "proposed")[0]["by"] == "grid"
    assert events(plan, "sweep_ended") == [{"ran": {"completed": 2}, "missing": 0}]


def test_torn_and_strange_lines_of_a_journal_are_skipped(make_plan: PlanMaker) -> None:
    plan = make_plan(trials=1)
    run(plan)
    before = len(list(read_journal(plan.sweep_dir)))
    with journal_path(plan.sweep_dir).open("ab") as file:
        file.write(b'{"at": "never", "event": 1}\n[1]\n\xff\xfe\n{"at": 1, "eve')
    assert len(list(read_journal(plan.sweep_dir))) == before
    journal_path(plan.sweep_dir).unlink()
    assert list(read_journal(plan.sweep_dir)) == []


def test_slots_come_and_go_while_a_sweep_runs(make_plan: PlanMaker) -> None:
    plan, place, used = make_plan(trials=6), FixedPlace([Slot(0, "here")]), set()

    def train(job: Job) -> Training:
        used.add(job.slot.device)
        match job.first.key.trial:
            case 1:
                place.slots = [Slot(0, "here"), Slot(1, "node-b")]
            case 3:
                place.slots = [Slot(1, "node-b")]
        yield from bowl(job)
        return 0

    end = run_sweep(plan, Notebook(), InlineExecutor(train, place))
    assert sum(end.ran.values()) == 6
    assert used == {"here", "node-b"}
    assert [facts["slots"] for facts in events(plan, "slots")] == [["here", "node-b"], ["node-b"]]


def test_a_kind_of_device_that_can_run_nothing_leaves_the_points_to_others(
    make_plan: PlanMaker,
) -> None:
    small, large = Slot(0, "GPU-a", kind="small"), Slot(1, "GPU-b", kind="large")

    def train(job: Job) -> Training:
        if job.slot.kind == "small":
            raise MemoryError
        yield 1, {"val_loss": 1.0}
        return 0

    plan = make_plan(sampler="grid", trials=None, space=("batch_size=64,32,16", "lr=0.1,0.2"))
    run_sweep(plan, Notebook(), InlineExecutor(train, FixedPlace([small, large])))
    tried = {
        (t.params["batch_size"], t.params["lr"])
        for t in rows(plan).trials
        if t.outcome is Outcome.COMPLETED
    }
    failed = [t for t in rows(plan).trials if t.outcome is Outcome.OUT_OF_MEMORY]
    assert len(tried) + len(failed) == 6
    assert len(tried) >= 3


# Trials that broke in an earlier run.


def crash_at_first(job: Job) -> Training:
    if job.first.key.attempt == 1 and job.first.key.trial < 2:
        yield 1, {"val_loss": 1.0}
        raise KeyError(f"only trial {'ab'[job.first.key.trial]}")
    yield 1, {"val_loss": 1.0}
    return 0


@pytest.mark.parametrize("sampler", ["random", "tpe", "grid"])
def test_trials_that_crashed_are_run_again_where_that_is_asked_for(
    make_plan: PlanMaker, sampler: str
) -> None:
    space = ("lr=0.1,0.2,0.3,0.4",) if sampler == "grid" else ("lr=1e-4:1",)
    run(make_plan(sampler=sampler, space=space, trials=2), crash_at_first)
    before = {t.number: t.params for t in rows(make_plan()).trials if t.outcome is Outcome.CRASHED}
    assert set(before) == {0, 1}
    plan = make_plan(sampler=sampler, space=space, trials=4, retry_crashed=True)
    run(plan, crash_at_first)
    again = [t for t in rows(plan).trials if t.number in before]
    assert [(t.outcome, t.attempt, t.params) for t in again] == [
        (Outcome.COMPLETED, 2, before[0]),
        (Outcome.COMPLETED, 2, before[1]),
    ]
    with opened_by_optuna(plan.study, plan.storage) as study:
        assert study.trials[0].state.name == "COMPLETE"
        assert study.trials[0].user_attrs == {"outcome": "completed"}


def test_a_resumed_sweep_says_how_trials_that_failed_are_run_again(make_plan: PlanMaker) -> None:
    run(make_plan(trials=2), crash_at_first)
    notebook = Notebook()
    run(make_plan(trials=2), crash_at_first, notebook)
    assert notebook.started == []
    assert notebook.notes == [
        "2 trials failed earlier; to run them again: lrsweep run --retry-crashed"
    ]
