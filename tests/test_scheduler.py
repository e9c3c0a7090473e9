"""The scheduler decides from events and a clock that the test holds; no process is involved."""

from __future__ import annotations

import math

import pytest

from lrsweep.scheduler import (
    Action,
    Ask,
    Exit,
    Finish,
    Limits,
    Pruner,
    Scheduler,
    Start,
    Stop,
    StopProcess,
)
from lrsweep.trial import Attempt, Direction, Outcome, Params, Report, Slot, TrialKey, Verdict

SLOTS = [Slot(0), Slot(1)]


class NoPruner:
    """Lets every trial run to its end."""

    def observe(self, trial: int, params: Params, position: float, value: float) -> None:
        pass

    def judge(self, trial: int) -> Verdict | None:
        return None

    def forget(self, trial: int) -> None: ...

    def finish(self, trial: int, outcome: Outcome) -> None:
        pass


class PruneAt(NoPruner):
    """Prunes every trial that has been observed at `position` or later."""

    def __init__(self, position: float) -> None:
        self._position = position
        self._reached: set[int] = set()

    def observe(self, trial: int, params: Params, position: float, value: float) -> None:
        if position >= self._position:
            self._reached.add(trial)

    def judge(self, trial: int) -> Verdict | None:
        return Verdict("at", "behind the others") if trial in self._reached else None


class Driver:
    """Answers the scheduler as a sweep would, with numbered trials."""

    def __init__(
        self,
        limits: Limits,
        *,
        pruner: Pruner | None = None,
        proposals: int = 100,
        finished: int = 0,
        again: tuple[Attempt, ...] = (),
    ) -> None:
        self.now = 0.0
        self.running: list[TrialKey] = []
        self.stops: list[tuple[int, Stop]] = []
        self.endings: list[tuple[int, Outcome, bool]] = []
        self.reasons: list[str] = []
        self._numbers = iter(range(finished + len(again), proposals))
        self.scheduler = Scheduler(
            SLOTS,
            limits,
            pruner or NoPruner(),
            "val_loss",
            Direction.MINIMIZE,
            now=0.0,
            finished=finished,
            again=again,
        )

    def tick(self, to: float | None = None) -> None:
        self.now = self.now if to is None else to
        self.perform(self.scheduler.tick(self.now))

    def report(self, trial: int, step: int, value: float, fraction: float | None = None) -> None:
        attempt = next(k.attempt for k in self.running if k.trial == trial)
        report = Report(trial, attempt, step, {"val_loss": value}, fraction=fraction)
        self.perform(self.scheduler.reported([report], self.now))

    def exit(self, trial: int, code: int | None, *, stopped: bool = False) -> None:
        key = next(k for k in self.running if k.trial == trial)
        self.running.remove(key)
        detail = "KeyError: 'x'" if code else ""
        self.perform(self.scheduler.exited(Exit(key, code, stopped, detail), self.now))

    def complete(self, trial: int) -> None:
        self.report(trial, 1, 0.5)
        self.exit(trial, 0)

    def perform(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Ask(slot):
                    number = next(self._numbers, None)
                    if number is None:
                        self.scheduler.exhausted(slot)
                    else:
                        self._place(Attempt(TrialKey(number, 1), {}), slot)
                case Start(proposal, slot):
                    self._place(proposal, slot)
                case StopProcess(key, how, _):
                    self.stops.append((key.trial, how))
                case Finish(ending, again):
                    self.endings.append((ending.key.trial, ending.outcome, again))
                    self.reasons.append(ending.reason)

    def _place(self, proposal: Attempt, slot: Slot) -> None:
        self.scheduler.place(proposal, slot, self.now)
        self.running.append(proposal.key)


def numbers(driver: Driver) -> list[int]:
    return [key.trial for key in driver.running]


def test_slots_are_filled_and_filled_again_until_the_trials_are_done() -> None:
    driver = Driver(Limits(trials=3))
    driver.tick()
    assert numbers(driver) == [0, 1]
    driver.complete(0)
    driver.tick()
    assert numbers(driver) == [1, 2]
    driver.complete(1)
    driver.complete(2)
    driver.tick()
    assert driver.scheduler.done
    assert {outcome for _, outcome, _ in driver.endings} == {Outcome.COMPLETED}


def test_trials_of_earlier_runs_count() -> None:
    driver = Driver(Limits(trials=3), finished=2)
    driver.tick()
    assert numbers(driver) == [2]


def test_a_sweep_whose_trials_are_all_there_starts_nothing() -> None:
    driver = Driver(Limits(trials=3), finished=3)
    driver.tick()
    assert driver.scheduler.done
    assert driver.running == []


def test_a_slot_without_room_is_asked_for_again_later() -> None:
    scheduler = Scheduler(
        SLOTS, Limits(trials=2), NoPruner(), "val_loss", Direction.MINIMIZE, now=0.0
    )
    first, second = scheduler.tick(0.0)
    assert isinstance(first, Ask)
    scheduler.hold(first, until=5.0)
    assert isinstance(second, Ask)
    scheduler.place(Attempt(TrialKey(0, 1), {}), second.slot, 0.0)
    assert scheduler.tick(4.0) == []
    assert not scheduler.done
    assert scheduler.tick(5.0) == [first]


def test_without_a_number_of_trials_the_proposals_decide() -> None:
    driver = Driver(Limits(), proposals=3)
    driver.tick()
    driver.complete(0)
    driver.complete(1)
    driver.tick()
    driver.complete(2)
    driver.tick()
    assert driver.scheduler.done
    assert len(driver.endings) == 3


def test_trials_to_be_run_again_come_first() -> None:
    again = (Attempt(TrialKey(0, 2), {}),)
    driver = Driver(Limits(trials=2), again=again)
    driver.tick()
    assert driver.running == [TrialKey(0, 2), TrialKey(1, 1)]


@pytest.mark.parametrize(
    ("code", "outcome", "reason"),
    [
        (1, Outcome.CRASHED, "exit code 1: KeyError: 'x'"),
        (-11, Outcome.CRASHED, "killed by SIGSEGV: KeyError: 'x'"),
        (0, Outcome.COMPLETED, ""),
    ],
)
def test_an_exit_code_decides_the_outcome(code: int, outcome: Outcome, reason: str) -> None:
    driver = Driver(Limits(trials=1))
    driver.tick()
    driver.report(0, 1, 0.5)
    driver.exit(0, code)
    assert driver.endings == [(0, outcome, False)]
    assert driver.reasons == [reason]


def test_a_trial_that_ran_out_of_memory_is_that_and_no_crash() -> None:
    driver = Driver(Limits(trials=1))
    driver.tick()
    key = driver.running.pop()
    exit = Exit(key, 1, detail="CUDA out of memory", out_of_memory=True)
    driver.perform(driver.scheduler.exited(exit, 0.0))
    assert driver.endings == [(0, Outcome.OUT_OF_MEMORY, False)]
    assert driver.reasons == ["CUDA out of memory"]


def test_a_trial_that_never_reports_the_objective_crashed() -> None:
    driver = Driver(Limits(trials=1))
    driver.tick()
    report = Report(0, 1, 1, {"accuracy": 0.9})
    driver.perform(driver.scheduler.reported([report], 0.0))
    driver.exit(0, 0)
    assert driver.endings == [(0, Outcome.CRASHED, False)]
    assert driver.reasons == ["it never reported val_loss (it reported accuracy)"]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_an_objective_that_is_not_finite_diverged(value: float) -> None:
    driver = Driver(Limits(trials=1))
    driver.tick()
    driver.report(0, 4, value, fraction=1.0)
    assert driver.stops == [(0, Stop.ASK)]
    driver.exit(0, 1)
    assert driver.endings == [(0, Outcome.DIVERGED, False)]
    assert driver.reasons == [f"val_loss became {value} at step 4"]


def test_a_pruned_trial_is_asked_then_terminated_then_killed() -> None:
    driver = Driver(Limits(trials=1, asks_grace_s=10, grace_s=5), pruner=PruneAt(2))
    driver.tick()
    driver.report(0, 1, 0.5)
    assert driver.stops == []
    driver.report(0, 2, 0.5)
    driver.tick(9)
    assert driver.stops == [(0, Stop.ASK)]
    driver.tick(10)
    driver.tick(14)
    assert driver.stops[1:] == [(0, Stop.TERMINATE)]
    driver.tick(15)
    driver.tick(60)
    assert driver.stops[2:] == [(0, Stop.KILL)]
    driver.exit(0, -9)
    assert driver.endings == [(0, Outcome.PRUNED, False)]


def test_a_trial_that_obeyed_the_request_to_stop_was_pruned() -> None:
    driver = Driver(Limits(trials=1), pruner=PruneAt(2))
    driver.tick()
    driver.report(0, 2, 0.5)
    driver.exit(0, 0, stopped=True)
    assert driver.endings == [(0, Outcome.PRUNED, False)]


def test_a_trial_that_ended_before_it_heard_was_completed() -> None:
    driver = Driver(Limits(trials=1), pruner=PruneAt(2))
    driver.tick()
    driver.report(0, 2, 0.5)
    driver.exit(0, 0, stopped=False)
    assert driver.endings == [(0, Outcome.COMPLETED, False)]


def test_a_trial_is_not_pruned_on_its_last_report() -> None:
    driver = Driver(Limits(trials=1), pruner=PruneAt(0.5))
    driver.tick()
    driver.report(0, 2, 0.5, fraction=1.0)
    assert driver.stops == []


def test_of_several_reports_the_newest_decides() -> None:
    driver = Driver(Limits(trials=1), pruner=PruneAt(0.5))
    driver.tick()
    reports = [
        Report(0, 1, step, {"val_loss": 0.5}, fraction=fraction)
        for step, fraction in ((1, 0.5), (2, 1.0))
    ]
    driver.perform(driver.scheduler.reported(reports, 0.0))
    assert driver.stops == []


def test_a_trial_that_runs_past_its_time_is_terminated() -> None:
    driver = Driver(Limits(trials=1, trial_timeout_s=30))
    driver.tick()
    driver.tick(29)
    assert driver.stops == []
    driver.tick(30)
    assert driver.stops == [(0, Stop.TERMINATE)]
    driver.exit(0, -15)
    assert driver.endings == [(0, Outcome.TIMED_OUT, False)]
    assert driver.reasons == ["it ran longer than 30 s"]


def test_when_the_sweeps_time_is_up_trials_are_cancelled_and_wait_to_be_run_again() -> None:
    driver = Driver(Limits(trials=9, timeout_s=60))
    driver.tick()
    driver.tick(60)
    assert driver.stops == [(0, Stop.TERMINATE), (1, Stop.TERMINATE)]
    driver.exit(0, -15)
    driver.exit(1, -15)
    driver.tick()
    assert driver.scheduler.done
    assert driver.endings == [(0, Outcome.CANCELLED, True), (1, Outcome.CANCELLED, True)]
    assert driver.scheduler.stopping == "the time for the sweep is up"


def test_a_shut_down_lets_a_trial_that_had_spent_its_budget_be_complete() -> None:
    driver = Driver(Limits(trials=9))
    driver.tick()
    driver.report(0, 3, 0.5, fraction=1.0)
    driver.perform(driver.scheduler.shut_down("stopped", 1.0))
    driver.exit(0, 0)
    assert driver.endings == [(0, Outcome.COMPLETED, False)]


def test_a_second_interrupt_kills() -> None:
    driver = Driver(Limits(trials=9))
    driver.tick()
    driver.perform(driver.scheduler.shut_down("stopped", 1.0))
    driver.perform(driver.scheduler.kill_all(1.5))
    assert driver.stops == [
        (0, Stop.TERMINATE),
        (1, Stop.TERMINATE),
        (0, Stop.KILL),
        (1, Stop.KILL),
    ]


def test_a_lost_trial_is_run_again_as_often_as_retries_say() -> None:
    driver = Driver(Limits(trials=1, retries=1))
    driver.tick()
    driver.exit(0, None)
    driver.tick()
    assert driver.running == [TrialKey(0, 2)]
    driver.exit(0, None)
    driver.tick()
    assert driver.scheduler.done
    assert driver.endings == [(0, Outcome.LOST, True), (0, Outcome.LOST, False)]


def test_a_crashed_trial_is_run_again_only_where_that_is_asked_for() -> None:
    driver = Driver(Limits(trials=1, retries=1, retry_crashed=True))
    driver.tick()
    driver.exit(0, 1)
    driver.tick()
    assert driver.running == [TrialKey(0, 2)]
    driver.exit(0, 1)
    assert driver.endings == [(0, Outcome.CRASHED, True), (0, Outcome.CRASHED, False)]


def test_a_crashed_trial_never_stops_the_sweep() -> None:
    driver = Driver(Limits(trials=20))
    for number in range(20):
        driver.tick()
        driver.exit(number, 1)
    driver.tick()
    assert driver.scheduler.done
    assert len(driver.endings) == 20
