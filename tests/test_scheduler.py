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
    StopJob,
)
from lrsweep.trial import (
    Attempt,
    Direction,
    Ended,
    Job,
    Member,
    Outcome,
    Params,
    Report,
    Slot,
    TrialKey,
    Verdict,
    job_id,
)

SLOTS = [Slot(0), Slot(1)]


class NoPruner:
    """Lets every trial run to its end."""

    def observe(self, trial: int, params: Params, position: float, value: float) -> None:
        pass

    def gradient(self, trial: int, norm: float) -> None:
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
        counted: int = 0,
        again: tuple[Attempt, ...] = (),
    ) -> None:
        self.now = 0.0
        self.running: list[TrialKey] = []
        self.stops: list[tuple[int, Stop]] = []
        self.endings: list[tuple[int, Outcome, bool]] = []
        self.reasons: list[str] = []
        self._numbers = iter(range(counted + len(again), proposals))
        self.scheduler = Scheduler(
            SLOTS,
            limits,
            pruner or NoPruner(),
            "val_loss",
            Direction.MINIMIZE,
            now=0.0,
            counted=counted,
            again=again,
        )

    def tick(self, to: float | None = None) -> None:
        self.now = self.now if to is None else to
        self.perform(self.scheduler.tick(self.now))

    def report(
        self,
        trial: int,
        step: int,
        value: float,
        fraction: float | None = None,
        *,
        listens: bool = True,
    ) -> None:
        attempt = next(k.attempt for k in self.running if k.trial == trial)
        report = Report(
            trial, attempt, step, {"val_loss": value}, fraction=fraction, listens=listens
        )
        self.perform(self.scheduler.reported([report], self.now))

    def hear(self, trial: int) -> None:
        self.scheduler.heard([key for key in self.running if key.trial == trial])

    def exit(
        self, trial: int, code: int | None, *, stopped: bool = False, detail: str = "KeyError: 'x'"
    ) -> None:
        key = next(k for k in self.running if k.trial == trial)
        self.running.remove(key)
        exit = Exit(job_id(key), code, stopped, detail if code else "")
        self.perform(self.scheduler.exited(exit, self.now))

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
                case StopJob(job, how, member, _):
                    trial = job.split(".")[0] if member is None else member.trial
                    self.stops.append((int(trial), how))
                case Finish(ending, again):
                    self.endings.append((ending.key.trial, ending.outcome, again))
                    self.reasons.append(ending.reason)

    def _place(self, attempt: Attempt, slot: Slot) -> None:
        self.scheduler.place(job_of(slot, attempt), self.now)
        self.running.append(attempt.key)


def job_of(slot: Slot, *attempts: Attempt) -> Job:
    members = tuple(Member(attempt.key, attempt.params, 0, "") for attempt in attempts)
    return Job(job_id(attempts[0].key), slot, members)


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
    driver = Driver(Limits(trials=3), counted=2)
    driver.tick()
    assert numbers(driver) == [2]


def test_a_sweep_whose_trials_are_all_there_starts_nothing() -> None:
    driver = Driver(Limits(trials=3), counted=3)
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
    scheduler.place(job_of(second.slot, Attempt(TrialKey(0, 1), {})), 0.0)
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
    exit = Exit(job_id(key), 1, detail="CUDA out of memory", out_of_memory=True)
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
    driver.report(0, 4, value)
    assert driver.stops == [(0, Stop.ASK)]
    driver.exit(0, 1)
    assert driver.endings == [(0, Outcome.DIVERGED, False)]
    assert driver.reasons == [f"val_loss became {value} at step 4"]


def test_a_pruned_trial_that_ignores_the_request_is_terminated_then_killed() -> None:
    driver = Driver(Limits(trials=1, asks_grace_s=10, grace_s=5), pruner=PruneAt(2))
    driver.tick()
    driver.report(0, 1, 0.5)
    assert driver.stops == []
    driver.report(0, 2, 0.5)
    assert driver.stops == [(0, Stop.ASK)]
    driver.hear(0)
    driver.report(0, 3, 0.5)
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


@pytest.mark.parametrize("heard", [False, True])
def test_a_trial_that_saves_after_the_request_is_left_alone(heard: bool) -> None:
    driver = Driver(Limits(trials=1, asks_grace_s=10, saving_s=60), pruner=PruneAt(2))
    driver.tick()
    driver.report(0, 2, 0.5)
    if heard:
        driver.hear(0)
    driver.tick(59)
    assert driver.stops == [(0, Stop.ASK)]
    driver.tick(60)
    assert driver.stops[1:] == [(0, Stop.TERMINATE)]


def test_a_trial_whose_reports_are_far_apart_has_longer_to_hear() -> None:
    driver = Driver(Limits(trials=1, saving_s=60), pruner=PruneAt(2))
    driver.tick()
    driver.report(0, 1, 0.5)
    driver.now = 100.0
    driver.report(0, 2, 0.5)
    driver.tick(399)
    assert driver.stops == [(0, Stop.ASK)]


@pytest.mark.parametrize(
    ("heard", "code", "outcome"),
    [
        (True, 0, Outcome.PRUNED),  # it returned, or called sys.exit
        (True, 1, Outcome.PRUNED),  # it left by an exception
        (True, 3, Outcome.PRUNED),
        (False, 0, Outcome.COMPLETED),  # it ended on its own before the request reached it
        (False, 1, Outcome.CRASHED),
    ],
)
def test_how_a_trial_ends_after_a_request_decides_its_outcome(
    heard: bool, code: int, outcome: Outcome
) -> None:
    driver = Driver(Limits(trials=1), pruner=PruneAt(2))
    driver.tick()
    driver.report(0, 2, 0.5)
    if heard:
        driver.hear(0)
    driver.exit(0, code)
    assert driver.endings[0][1] is outcome


def test_a_trial_that_ignores_the_request_to_its_last_step_is_complete() -> None:
    driver = Driver(Limits(trials=1), pruner=PruneAt(2))
    driver.tick()
    driver.report(0, 2, 0.5)
    driver.hear(0)
    driver.report(0, 3, 0.5, fraction=1.0)
    driver.exit(0, 0)
    assert driver.endings == [(0, Outcome.COMPLETED, False)]


def test_a_trial_that_ignores_the_request_to_its_own_end_is_complete() -> None:
    driver = Driver(Limits(trials=1), pruner=PruneAt(2))
    driver.tick()
    driver.report(0, 2, 0.5)
    driver.hear(0)
    for step in (3, 4, 5):
        driver.report(0, step, 0.4)
    driver.exit(0, 0)
    assert driver.endings == [(0, Outcome.COMPLETED, False)]


def test_one_report_after_the_request_is_a_last_evaluation() -> None:
    driver = Driver(Limits(trials=1), pruner=PruneAt(2))
    driver.tick()
    driver.report(0, 2, 0.5)
    driver.hear(0)
    driver.report(0, 3, 0.4)
    driver.exit(0, 0)
    assert driver.endings == [(0, Outcome.PRUNED, False)]


def test_a_trial_that_has_come_as_far_as_others_is_complete_when_it_ends() -> None:
    driver = Driver(Limits(trials=2), pruner=PruneAt(3))
    driver.tick()
    for step in (1, 2):
        driver.report(0, step, 0.5)
    driver.exit(0, 0)
    driver.report(1, 2, 0.5)
    driver.perform(driver.scheduler.shut_down("stopped", 1.0))
    driver.exit(1, 0)
    assert driver.endings[1] == (1, Outcome.COMPLETED, False)


def test_a_trial_that_was_ended_was_pruned() -> None:
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


def test_trials_that_crash_differently_do_not_stop_the_sweep() -> None:
    driver = Driver(Limits(trials=6))
    for number, error in enumerate(("KeyError", "OSError", "ValueError", "TypeError")):
        driver.tick()
        driver.exit(number, 1, detail=error)
    driver.tick()
    assert not driver.scheduler.done


def test_three_equal_failures_before_any_result_end_the_sweep() -> None:
    driver = Driver(Limits(trials=20))
    for number in range(3):
        driver.tick()
        driver.exit(number, 1, detail=f"FileNotFoundError: data/{number}/train.bin")
    driver.exit(3, -15, stopped=True)
    driver.tick()
    assert driver.scheduler.done
    assert driver.scheduler.gave_up
    assert driver.scheduler.stopping == (
        "3 trials failed the same way: exit code 1: FileNotFoundError: data/2/train.bin"
    )


def test_equal_failures_after_a_result_do_not_end_the_sweep() -> None:
    driver = Driver(Limits(trials=20))
    driver.tick()
    driver.complete(0)
    for number in range(1, 6):
        driver.tick()
        driver.exit(number, 1)
    assert driver.scheduler.stopping is None


def test_a_sweep_ends_when_more_trials_have_failed_than_it_may() -> None:
    driver = Driver(Limits(trials=20, max_failed=1))
    driver.tick()
    driver.complete(0)
    for number in (1, 2):
        driver.tick()
        driver.exit(number, 1)
    assert driver.scheduler.stopping == "2 trials failed, above --max-failed 1"


def test_trials_that_broke_do_not_count() -> None:
    driver = Driver(Limits(trials=2))
    driver.tick()
    driver.exit(0, 1)
    driver.complete(1)
    driver.tick()
    assert numbers(driver) == [2]
    driver.complete(2)
    driver.tick()
    assert driver.scheduler.done
    assert driver.scheduler.missing == 0


def test_a_run_starts_at_most_twice_as_many_attempts_as_trials_are_missing() -> None:
    driver = Driver(Limits(trials=5), counted=2)
    for number in range(2, 8):
        driver.tick()
        driver.exit(number, 1, detail=f"error {'abcdefgh'[number]}")
    driver.tick()
    assert driver.scheduler.done
    assert driver.scheduler.missing == 3


@pytest.mark.parametrize("code", [-9, -15, 137, 143])
def test_a_trial_that_is_killed_from_outside_is_lost_and_run_again(code: int) -> None:
    driver = Driver(Limits(trials=1, retries=1))
    driver.tick()
    driver.exit(0, code)
    driver.tick()
    assert driver.running == [TrialKey(0, 2)]
    driver.complete(0)
    assert driver.endings == [(0, Outcome.LOST, True), (0, Outcome.COMPLETED, False)]


def test_a_trial_that_is_killed_at_each_attempt_has_crashed() -> None:
    driver = Driver(Limits(trials=1, retries=1))
    for _ in range(2):
        driver.tick()
        driver.exit(0, -9)
    assert driver.endings == [(0, Outcome.LOST, True), (0, Outcome.CRASHED, False)]
    assert driver.reasons[1] == "killed from outside by SIGKILL, 2 times: it may kill itself"


def test_a_trial_that_is_killed_once_without_retries_is_lost() -> None:
    driver = Driver(Limits(trials=1, retries=0))
    driver.tick()
    driver.exit(0, -9)
    assert driver.endings == [(0, Outcome.LOST, False)]


# A process that does not listen, whose output is read, is ended by a signal.


def captured(driver: Driver, trial: int, steps: int, value: float = 0.5) -> None:
    for step in range(1, steps + 1):
        driver.report(trial, step, value, listens=False)


def test_a_process_that_cannot_hear_is_left_alone_while_no_length_is_known() -> None:
    driver = Driver(Limits(trials=9), pruner=PruneAt(1))
    driver.tick()
    captured(driver, 0, 3)
    assert driver.stops == []


def test_a_process_that_cannot_hear_is_not_ended_where_others_had_their_last_report() -> None:
    driver = Driver(Limits(trials=9), pruner=PruneAt(1))
    driver.tick()
    captured(driver, 0, 3)
    driver.exit(0, 0)
    driver.report(1, 3, 0.5, listens=False)
    assert driver.stops == []
    driver.tick()
    driver.report(2, 2, 0.5, listens=False)
    assert driver.stops == [(2, Stop.ASK)]


# Jobs of several members, and slots that come and go.


def stacked() -> tuple[Driver, list[TrialKey]]:
    """Three trials in one job, and another slot that waits for them."""
    driver = Driver(Limits(trials=3, retries=0), pruner=PruneAt(2))
    [ask, _] = driver.scheduler.tick(0.0)
    assert isinstance(ask, Ask)
    attempts = [Attempt(TrialKey(number, 1), {}) for number in range(3)]
    driver.scheduler.place(job_of(ask.slot, *attempts), 0.0)
    driver.running = [attempt.key for attempt in attempts]
    return driver, driver.running


def test_members_end_one_by_one_and_the_job_keeps_its_slot() -> None:
    driver, (a, b, c) = stacked()
    driver.report(1, 2, 0.5)
    assert driver.stops == [(1, Stop.ASK)]
    driver.report(0, 1, 0.1)
    driver.report(2, 1, math.nan)
    ends = [Ended(a, Outcome.COMPLETED), Ended(b, Outcome.PRUNED, "it obeyed")]
    driver.perform(driver.scheduler.ended(ends, 1.0))
    assert driver.endings == [(0, Outcome.COMPLETED, False), (1, Outcome.PRUNED, False)]
    assert driver.reasons[1] == "behind the others"
    assert not driver.scheduler.done
    driver.perform(driver.scheduler.ended([Ended(c, Outcome.COMPLETED)], 2.0))
    assert driver.endings[2] == (2, Outcome.DIVERGED, False)
    assert not driver.scheduler.done
    driver.perform(driver.scheduler.exited(Exit("0.1", 0), 3.0))
    assert driver.scheduler.done
    assert len(driver.endings) == 3


def test_a_members_end_says_that_it_never_reported_the_objective() -> None:
    driver, (a, _, _) = stacked()
    driver.perform(driver.scheduler.ended([Ended(a, Outcome.COMPLETED)], 1.0))
    assert driver.endings == [(0, Outcome.CRASHED, False)]


def test_the_exit_of_a_job_ends_the_members_that_remain() -> None:
    driver, (a, _, _) = stacked()
    driver.report(0, 1, 0.1)
    driver.perform(driver.scheduler.ended([Ended(a, Outcome.COMPLETED)], 1.0))
    driver.perform(driver.scheduler.exited(Exit("0.1", None), 2.0))
    assert [outcome for _, outcome, _ in driver.endings] == [
        Outcome.COMPLETED,
        Outcome.LOST,
        Outcome.LOST,
    ]


def test_a_job_is_not_ended_by_force_while_a_member_is_to_go_on() -> None:
    driver, _ = stacked()
    driver.report(1, 2, 0.5)
    driver.hear(1)
    driver.report(1, 3, 0.5)
    driver.tick(1000)
    assert driver.stops == [(1, Stop.ASK)]
    driver.report(0, 2, 0.5)
    driver.report(2, 2, 0.5)
    driver.tick(1001)
    assert driver.stops[1:] == [(0, Stop.ASK), (2, Stop.ASK), (0, Stop.TERMINATE)]


def test_shutting_down_ends_each_job_once() -> None:
    driver, _ = stacked()
    driver.perform(driver.scheduler.shut_down("stopped", 1.0))
    assert driver.stops == [(0, Stop.TERMINATE)]
    driver.perform(driver.scheduler.exited(Exit("0.1", -15, stopped=True), 2.0))
    assert driver.endings == [(n, Outcome.CANCELLED, True) for n in range(3)]


def test_slots_come_and_go() -> None:
    driver = Driver(Limits(trials=9))
    driver.scheduler.offer([])
    driver.tick()
    assert driver.running == []
    assert not driver.scheduler.done
    driver.scheduler.offer([Slot(5)])
    driver.tick()
    assert numbers(driver) == [0]
    driver.scheduler.offer([Slot(6)])
    driver.tick()
    assert numbers(driver) == [0, 1]
    driver.complete(0)
    driver.tick()
    assert numbers(driver) == [1]  # the slot of trial 0 is gone
    driver.complete(1)
    driver.tick()
    assert numbers(driver) == [2]


def test_a_slot_that_leaves_and_returns_while_its_job_runs_is_not_filled_twice() -> None:
    driver = Driver(Limits(trials=9))
    driver.tick()
    driver.scheduler.offer([Slot(1)])
    driver.scheduler.offer(SLOTS)
    driver.tick()
    assert numbers(driver) == [0, 1]
    driver.complete(0)
    driver.tick()
    assert numbers(driver) == [1, 2]


def test_what_is_exhausted_is_exhausted_for_a_kind_of_device_only() -> None:
    small, large = Slot(0, "GPU-a", kind="small"), Slot(1, "GPU-b", kind="large")
    scheduler = Scheduler(
        [small, large], Limits(), NoPruner(), "val_loss", Direction.MINIMIZE, now=0.0
    )
    assert scheduler.tick(0.0) == [Ask(small), Ask(large)]
    scheduler.exhausted(small)
    scheduler.place(job_of(large, Attempt(TrialKey(0, 1), {})), 0.0)
    scheduler.reported([Report(0, 1, 1, {"val_loss": 1.0})], 1.0)
    scheduler.exited(Exit("0.1", 0), 1.0)
    assert scheduler.tick(1.0) == [Ask(large)]
    scheduler.exhausted(large)
    assert scheduler.done


def test_a_slot_that_is_held_for_endings_is_asked_for_again_after_one() -> None:
    scheduler = Scheduler(SLOTS, Limits(), NoPruner(), "val_loss", Direction.MINIMIZE, now=0.0)
    first, second = scheduler.tick(0.0)
    assert isinstance(first, Ask)
    assert isinstance(second, Ask)
    scheduler.place(job_of(first.slot, Attempt(TrialKey(0, 1), {})), 0.0)
    assert not scheduler.last_to_ask
    scheduler.hold(second, math.inf)
    assert scheduler.tick(1e6) == []
    scheduler.exited(Exit("0.1", None), 1.0)
    assert second in scheduler.tick(2.0)


# Steps that repeat or fall.


class Seeing(NoPruner):
    """Keeps the newest curve of each trial."""

    def __init__(self) -> None:
        self.curves: dict[int, list[tuple[float, float]]] = {}

    def observe(self, trial: int, params: Params, position: float, value: float) -> None:
        self.curves.setdefault(trial, []).append((position, value))

    def forget(self, trial: int) -> None:
        self.curves.pop(trial, None)


@pytest.mark.parametrize("steps", [(0, 1, 0, 1), (9, 8, 7, 6), (5, 5, 5, 5), (1, 2, 3, 1)])
def test_points_count_in_the_order_in_which_they_come(steps: tuple[int, ...]) -> None:
    pruner = Seeing()
    driver = Driver(Limits(trials=2), pruner=pruner)
    driver.tick()
    for number, step in enumerate(steps):
        driver.report(0, step, number / 10)
    assert pruner.curves[0] == [(1, 0.0), (2, 0.1), (3, 0.2), (4, 0.3)]
    driver.report(1, 7, 0.5)
    assert pruner.curves[1] == [(1, 0.5)]  # as all trials of the script from now on


def test_rising_steps_keep_their_distances() -> None:
    pruner = Seeing()
    driver = Driver(Limits(trials=1), pruner=pruner)
    driver.tick()
    for step in (10, 20, 40):
        driver.report(0, step, 0.5)
    assert [position for position, _ in pruner.curves[0]] == [10, 20, 40]
