"""Drives one sweep: ask, place, tail, decide, tell; and tells a listener what happened."""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from types import FrameType
from typing import Protocol

from lrsweep.analysis.wording import counted
from lrsweep.devices.local_slots import LocalSlots, possible_slots
from lrsweep.errors import PlanError
from lrsweep.executors.base import Executor
from lrsweep.executors.of_plan import make_executor
from lrsweep.jobs.build import make_job, prepare_folder, tidy_folder
from lrsweep.jobs.capturing import capture_of
from lrsweep.plan import SweepPlan
from lrsweep.recovery import recover
from lrsweep.scheduler import (
    Ask,
    Finish,
    Limits,
    Scheduler,
    Start,
    StopProcess,
    budget_position,
)
from lrsweep.search.ceiling import BatchSizeCeiling
from lrsweep.search.confirmation import Confirmation, SeededPoint
from lrsweep.search.finite import all_points
from lrsweep.search.of_plan import make_proposer
from lrsweep.search.proposer import Done, Proposal, Wait
from lrsweep.search.pruners import make_pruner
from lrsweep.search.samplers import make_sampler
from lrsweep.search.seeds import sampler_seed, trial_seed
from lrsweep.search.warm import Earlier
from lrsweep.store.distributions import distributions
from lrsweep.store.lock import StudyLock
from lrsweep.store.opening import check_study
from lrsweep.store.preview import preview
from lrsweep.store.read import StudyReader
from lrsweep.store.study import StudyStore
from lrsweep.trial import Attempt, Ending, Job, Outcome, Params, Slot, TrialKey, TrialRow

_POLL_S = 0.25
_FLUSH_EVERY_S = 0.5
# How long a slot waits before its GPU is looked at again for free memory.
_ROOM_EVERY_S = 5.0


class Listener(Protocol):
    """Is told what happens; must not raise and must return soon."""

    def trial_started(self, number: int, params: Params, slot: str) -> None: ...

    def reported(
        self, number: int, step: int, value: float | None, fraction: float | None
    ) -> None: ...

    def trial_ended(self, row: TrialRow) -> None: ...

    def note(self, text: str) -> None: ...


@dataclass(frozen=True, slots=True)
class SweepEnd:
    """How a sweep ended. `interrupted` is why it ended early; None where it ran to its end.

    `ran` counts this run's endings by outcome; `failed_all` says that there were trials and that
    every one of them failed.
    """

    interrupted: str | None
    by_user: bool
    ran: Mapping[Outcome, int] = field(default_factory=dict)

    @property
    def failed_all(self) -> bool:
        return bool(self.ran) and all(outcome.failed for outcome in self.ran)


def check_sweep(plan: SweepPlan) -> list[Slot]:
    """The slots that `plan` gets on this machine; writes nothing.

    Raises `PlanError` where it cannot have them or its database cannot be used, and
    `StudyMismatch` where its study exists and was made with other settings.
    """
    check_study(plan)
    earlier_trials(plan)
    capture_of(plan)
    return possible_slots(plan)


def earlier_trials(plan: SweepPlan) -> list[Earlier]:
    """The trials of the study that `plan` is to learn from, if any.

    Raises `NotFound` where there is no such study, and `PlanError` where its metric goes the other
    way or it is the study of the plan itself.
    """
    name = plan.settings.warm_from
    if name is None:
        return []
    if name == plan.study:
        raise PlanError(f"--warm-from {name}: this is the study that is to be run")
    with StudyReader(plan.storage) as reader:
        rows = reader.study(name)
    if rows.direction is not plan.direction:
        raise PlanError(f"--warm-from {name}: its {rows.metric} is to {rows.direction}")
    return [
        Earlier(trial.params, rows.direction.sort_key(trial.value))
        for trial in rows.trials
        if trial.outcome is not None and trial.outcome.informs and trial.value is not None
        if trial.outcome is not Outcome.PRUNED
    ]


def run_sweep(
    plan: SweepPlan,
    listener: Listener,
    executor: Executor | None = None,
    lock: StudyLock | None = None,
    first: Sequence[Params] = (),
    confirming: Sequence[SeededPoint] | None = None,
) -> SweepEnd:
    """Run `plan` to its end, or until it is stopped, and record everything in its study.

    `lock` is the study's own, where the caller holds it. The points `first` (by plain names) are
    tried before others. With `confirming` these points are run and no others.

    Raises `InputError` where the study is another one than `plan` means, and `StorageError` when
    the database or a trial folder fails; running trials are then ended, and nothing is lost.
    """
    with LocalSlots(plan) as places:
        executor = executor or make_executor(plan, places.slots[0])
        # Closed before the study is given up, and also where the study cannot be opened.
        with closing(executor), StudyStore.open(plan, lock) as store, closing(executor):
            return _Sweep(plan, store, executor, listener, places, first, confirming).run()


class _Sweep:
    def __init__(
        self,
        plan: SweepPlan,
        store: StudyStore,
        executor: Executor,
        listener: Listener,
        places: LocalSlots,
        first: Sequence[Params],
        confirming: Sequence[SeededPoint] | None,
    ) -> None:
        self._plan = plan
        self._store = store
        self._executor = executor
        self._listener = listener
        self._places = places
        self._full: set[str] = set()
        self._said: set[str] = set()
        self._ran: dict[Outcome, int] = {}
        self._jobs: dict[int, tuple[Job, float]] = {}
        for note in places.notes:
            listener.note(note)
        for note in store.notes:
            listener.note(note)
        recover(plan, store, listener.note)
        limits = Limits(
            plan.trials,
            plan.settings.timeout,
            plan.settings.trial_timeout,
            plan.settings.retries,
            plan.settings.retry_crashed,
        )
        pruner = make_pruner(
            plan.settings.pruner, plan.direction, stop_diverged=plan.settings.stop_diverged
        )
        for curve in store.ended_curves():
            for report in curve.reports:
                position, value = budget_position(report), report.metrics[plan.metric]
                pruner.observe(curve.number, curve.params, position, value)
            pruner.finish(curve.number, curve.outcome)
        self._scheduler = Scheduler(
            places.slots,
            limits,
            pruner,
            plan.metric,
            plan.direction,
            now=time.monotonic(),
            finished=store.finished,
            again=store.to_run_again(),
            objective=plan.settings.objective,
        )
        self._ceiling = BatchSizeCeiling(plan.space)
        for params, device in store.ran_out_of_memory():
            self._ceiling.ran_out(params, device)
        self._seeds = store.seeds()
        self._proposer = (
            make_proposer(plan, store, self._ceiling, first, pruner.curves, earlier_trials(plan))
            if confirming is None
            else Confirmation(confirming)
        )
        for ending in store.endings():
            self._proposer.told(ending)

    def run(self) -> SweepEnd:
        scheduler, interrupts = self._scheduler, 0
        flushed = time.monotonic()
        with _signals() as received:
            self._store.listen(self._listener.note, lambda: bool(received))
            while True:
                self._perform(scheduler.tick(time.monotonic()))
                if scheduler.done:
                    break
                happened = self._executor.poll(_POLL_S)
                now = time.monotonic()
                for note in happened.notes:
                    self._listener.note(note)
                for report in happened.reports:
                    self._store.report(report)
                    value = report.metrics.get(self._plan.metric)
                    self._listener.reported(report.trial, report.step, value, report.fraction)
                self._perform(scheduler.reported(happened.reports, now))
                for exit in happened.exits:
                    self._perform(scheduler.exited(exit, now))
                if len(received) > interrupts:
                    interrupts = len(received)
                    self._interrupt(received, now)
                if happened.exits or now - flushed >= _FLUSH_EVERY_S:
                    self._store.flush()
                    flushed = now
        return SweepEnd(scheduler.stopping, bool(interrupts), self._ran)

    def _interrupt(self, received: list[int], now: float) -> None:
        if len(received) > 1:
            self._perform(self._scheduler.kill_all(now))
            return
        name = signal.Signals(received[0]).name
        self._listener.note(
            f"{name}: ending {counted(self._scheduler.running, 'trial')}; once more ends at once"
        )
        self._perform(self._scheduler.shut_down(f"stopped by {name}", now))

    def _perform(self, actions: list[Ask | Start | StopProcess | Finish]) -> None:
        for action in actions:
            match action:
                case Ask(slot) | Start(_, slot) if not self._places.has_room(slot):
                    self._wait_for_room(action)
                case Ask(slot):
                    self._ask(action)
                case Start(attempt, slot):
                    self._start(attempt, slot)
                case StopProcess(key, how, _reason):
                    self._executor.stop(key, how)
                case Finish(ending, again):
                    self._finish(ending, again)

    def _wait_for_room(self, action: Ask | Start) -> None:
        device = action.slot.device
        if device not in self._full:
            self._full.add(device)
            gpus = device.replace(",", " and ")
            self._listener.note(f"others use the memory of {gpus}; trials there wait for it")
        self._scheduler.hold(action, time.monotonic() + _ROOM_EVERY_S)

    def _ask(self, action: Ask) -> None:
        slot = action.slot
        answer = self._proposer.propose(slot)
        match answer:
            case Wait(again_s=None) if not self._scheduler.running:
                self._scheduler.exhausted(slot)
            case Wait(again_s=again_s):
                until = math.inf if again_s is None else time.monotonic() + again_s
                self._scheduler.hold(action, until)
            case Done(reason):
                if reason and reason not in self._said:
                    self._said.add(reason)
                    self._listener.note(reason)
                self._scheduler.exhausted(slot)
            case Proposal(params, number=None, seed=seed):
                attempt = self._store.ask_for(params)
                if seed is not None:
                    self._seeds[attempt.key.trial] = seed
                self._start(attempt, slot)
            case Proposal(params, number=int(number)):
                self._start(Attempt(TrialKey(number, 1), params), slot)

    def _start(self, attempt: Attempt, slot: Slot) -> None:
        number = attempt.key.trial
        seed = self._seeds.setdefault(number, trial_seed(self._plan.settings.seed, number))
        job = make_job(self._plan, attempt, slot, seed, self._store.identity)
        at = time.time()
        self._store.started(job, at)
        prepare_folder(job)
        self._executor.start(job)
        self._scheduler.place(attempt, slot, time.monotonic())
        self._jobs[attempt.key.trial] = (job, at)
        self._listener.trial_started(attempt.key.trial, attempt.params, slot.device)

    def _finish(self, ending: Ending, again: bool) -> None:
        at = time.time()
        job, started = self._jobs.pop(ending.key.trial)
        ending = replace(ending, at=at, wall_s=at - started)
        self._store.finish(ending, again=again)
        tidy_folder(self._plan, ending.key.trial, again=again)
        self._ran[ending.outcome] = self._ran.get(ending.outcome, 0) + 1
        if ending.outcome is Outcome.OUT_OF_MEMORY:
            for ruled_out in self._ceiling.ran_out(job.params, job.slot.kind):
                self._listener.note(ruled_out)
        if not again:
            self._proposer.told(ending)
        self._listener.trial_ended(
            TrialRow(
                number=ending.key.trial,
                outcome=ending.outcome,
                params=job.params,
                value=ending.value,
                attempt=ending.key.attempt,
                wall_s=at - started,
                exit_code=ending.exit_code,
                reason=ending.reason,
            )
        )


@contextmanager
def _signals() -> Iterator[list[int]]:
    """Collects SIGINT, SIGTERM and SIGHUP instead of dying of them."""
    received: list[int] = []

    def receive(number: int, _frame: FrameType | None) -> None:
        received.append(number)

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, receive) for number in numbers}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def first_commands(plan: SweepPlan, count: int) -> list[tuple[str, ...]]:
    """The commands of the first `count` trials of a new study of `plan`."""
    return [job.argv for job in first_jobs(plan, count)]


def first_jobs(plan: SweepPlan, count: int) -> list[Job]:
    """The first `count` trials of a new study of `plan`; writes and starts nothing."""
    if plan.settings.sampler == "grid":
        points = [params for params, _ in zip(plan.space.grid(), range(count), strict=False)]
    else:
        sampler = make_sampler(
            plan.settings.sampler,
            plan.space,
            distributions(plan.space),
            sampler_seed(plan.settings.seed, 0),
        )
        finite = all_points(plan.space)
        most = count if finite is None else min(count, len(finite))
        points = preview(plan, sampler, min(most, plan.trials or most))
    slot = possible_slots(plan)[0]
    attempts = [Attempt(TrialKey(number, 1), params) for number, params in enumerate(points)]
    return [
        make_job(plan, attempt, slot, trial_seed(plan.settings.seed, attempt.key.trial))
        for attempt in attempts
    ]
