"""The loop of a sweep: ask, place, tail, decide, tell."""

from __future__ import annotations

import math
import signal
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import replace

from lrsweep.analysis.same_curves import SameCurves
from lrsweep.analysis.seen import Seen
from lrsweep.analysis.truth import Truth
from lrsweep.analysis.wording import counted
from lrsweep.executors.base import Executor, PollResult
from lrsweep.executors.of_plan import make_executor
from lrsweep.jobs.build import make_job, prepare_folders, tidy_folder
from lrsweep.jobs.observed import observed_facts
from lrsweep.journal import Journal
from lrsweep.plan import SweepPlan
from lrsweep.recovery import recover
from lrsweep.scheduler import (
    Action,
    Ask,
    Finish,
    Limits,
    Pruner,
    Scheduler,
    Start,
    StopJob,
)
from lrsweep.search.ceiling import BatchSizeCeiling
from lrsweep.search.confirmation import Confirmation, SeededPoint
from lrsweep.search.of_plan import make_proposer
from lrsweep.search.proposer import Done, Proposal, Wait
from lrsweep.search.pruners import make_pruner
from lrsweep.search.seeds import trial_seed
from lrsweep.shell_lines import shell_line
from lrsweep.store.lock import StudyLock
from lrsweep.store.study import StudyStore
from lrsweep.sweep.earlier import earlier_trials
from lrsweep.sweep.listener import Listener, SweepEnd
from lrsweep.sweep.remarks import Remarks
from lrsweep.sweep.signals import collected_signals
from lrsweep.trial import Attempt, Ending, Job, Member, Outcome, Params, Slot, TrialKey, TrialRow

_POLL_S = 0.25
_FLUSH_EVERY_S = 0.5
# How long a slot waits before it is looked at again for room.
_ROOM_EVERY_S = 5.0


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
    # Closed before the study is given up, and also where the study cannot be opened.
    with (
        executor or make_executor(plan) as entered,
        StudyStore.open(plan, lock) as store,
        Journal(plan.sweep_dir) as journal,
        closing(entered),
    ):
        return _Sweep(plan, store, entered, listener, journal, first, confirming).run()


class _Sweep:
    def __init__(
        self,
        plan: SweepPlan,
        store: StudyStore,
        executor: Executor,
        listener: Listener,
        journal: Journal,
        first: Sequence[Params],
        confirming: Sequence[SeededPoint] | None,
    ) -> None:
        self._plan = plan
        self._store = store
        self._executor = executor
        self._listener = listener
        self._journal = journal
        self._ran: Counter[Outcome] = Counter()
        self._remarks = Remarks(plan)
        self._members: dict[TrialKey, tuple[Member, float]] = {}
        self._slots: tuple[Slot, ...] = tuple(executor.slots)
        self._say_start()
        for note in store.notes:
            self._note(note)
        recover(plan, store, executor, self._note)
        self._take_up_broken()
        settings = plan.settings
        pruner = make_pruner(settings.pruner, plan.direction, stop_diverged=settings.stop_diverged)
        self._scheduler = _make_scheduler(plan, store, self._slots, pruner)
        self._ceiling = BatchSizeCeiling(plan.space)
        for params, device in store.ran_out_of_memory():
            self._ceiling.ran_out(params, device)
        self._seeds = store.seeds()
        self._said: set[str] = set()
        self._truth = Truth()
        self._same = SameCurves()
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
        with collected_signals() as received:
            self._store.listen(self._note, lambda: bool(received))
            while True:
                self._offer_slots()
                self._perform(scheduler.tick(time.monotonic()))
                if scheduler.done:
                    break
                happened = self._executor.poll(_POLL_S)
                now = time.monotonic()
                self._take_in(happened, now)
                if len(received) > interrupts:
                    interrupts = len(received)
                    self._interrupt(received, now)
                if happened.exits or happened.ended or now - flushed >= _FLUSH_EVERY_S:
                    self._store.flush()
                    flushed = now
        return self._end(bool(interrupts))

    def _take_up_broken(self) -> None:
        """Have the trials that broke in earlier runs wait again, or say how that is done."""
        broken = self._store.broken()
        if self._plan.settings.retry_crashed:
            for number in broken:
                self._store.reopen(number)
                self._journal.write("reopened", trial=number)
        elif broken and self._plan.settings.sampler != "grid":  # which tries their points again
            command = shell_line(_with_flag(self._plan.sweep_command, "--retry-crashed"))
            self._note(
                f"{counted(len(broken), 'trial')} failed earlier; to run them again: {command}"
            )

    def _say_start(self) -> None:
        plan, abilities = self._plan, self._executor.abilities
        self._journal.write(
            "sweep_started",
            study=plan.study,
            command=list(plan.sweep_command),
            trials=plan.trials,
            sampler=plan.settings.sampler,
            pruner=plan.settings.pruner,
            slots=_names(self._slots),
        )
        if plan.settings.pruner != "none" and not abilities.streams_reports:
            self._note("reports arrive when a trial has ended, so none is pruned")

    def _end(self, by_user: bool) -> SweepEnd:
        scheduler = self._scheduler
        for sentence in self._remarks.sentences():
            self._note(sentence)
        ran = {outcome.value: count for outcome, count in self._ran.items()}
        self._journal.write("sweep_ended", ran=ran, missing=scheduler.missing)
        return SweepEnd(
            scheduler.stopping,
            by_user,
            dict(self._ran),
            scheduler.gave_up,
            scheduler.missing,
            self._truth.mismatch,
        )

    def _note(self, text: str) -> None:
        self._journal.write("note", text=text)
        self._listener.note(text)

    def _offer_slots(self) -> None:
        slots = tuple(self._executor.slots)
        if slots != self._slots:
            self._slots = slots
            self._scheduler.offer(slots)
            self._journal.write("slots", slots=_names(slots))

    def _take_in(self, happened: PollResult, now: float) -> None:
        scheduler = self._scheduler
        for note in happened.notes:
            self._note(note)
        for report in happened.reports:
            self._store.report(report)
            self._remarks.reported(report.metrics)
            value = report.metrics.get(self._plan.metric)
            if value is not None:
                self._same.reported(report.trial, value)
            self._listener.reported(report.trial, report.step, value, report.fraction)
        scheduler.heard(happened.heard)
        self._perform(scheduler.reported(happened.reports, now))
        self._perform(scheduler.ended(happened.ended, now))
        for exit in happened.exits:
            self._perform(scheduler.exited(exit, now))

    def _interrupt(self, received: list[int], now: float) -> None:
        if len(received) > 1:
            self._perform(self._scheduler.kill_all(now))
            return
        name = signal.Signals(received[0]).name
        running = counted(self._scheduler.running, "trial")
        self._note(f"{name}: ending {running}; once more ends at once")
        self._perform(self._scheduler.shut_down(f"stopped by {name}", now))

    def _perform(self, actions: Iterable[Action]) -> None:
        for action in actions:
            match action:
                case Ask(slot) | Start(_, slot) if not self._executor.has_room(slot):
                    self._journal.write("waiting", slot=slot.device, reason="no room")
                    self._scheduler.hold(action, time.monotonic() + _ROOM_EVERY_S)
                case Ask():
                    self._ask(action)
                case Start(attempt, slot):
                    self._start(attempt, slot)
                case StopJob():
                    self._stop(action)
                case Finish(ending, again):
                    self._finish(ending, again)
        if self._scheduler.stopping is not None:
            self._journal.write("stopping", reason=self._scheduler.stopping)

    # Starting.

    def _ask(self, action: Ask) -> None:
        slot = action.slot
        answer = self._proposer.propose(slot)
        match answer:
            case Wait(reason, None) if self._scheduler.last_to_ask:
                self._exhausted(slot, f"{reason}, and nothing runs")
            case Wait(reason, again_s):
                self._journal.write("waiting", slot=slot.device, reason=reason)
                until = math.inf if again_s is None else time.monotonic() + again_s
                self._scheduler.hold(action, until)
            case Done(reason):
                self._exhausted(slot, reason)
            case Proposal():
                self._start(self._accept(answer), slot)

    def _accept(self, proposal: Proposal) -> Attempt:
        """The first attempt at a proposal, with its trial in the study."""
        asked = (
            self._store.ask_for(proposal.params)
            if proposal.number is None
            else Attempt(TrialKey(proposal.number, 1), proposal.params)
        )
        number = asked.key.trial
        if proposal.seed is not None:
            self._seeds[number] = proposal.seed
        self._journal.write(
            "proposed", trial=number, by=proposal.by, params=dict(asked.params), seed=proposal.seed
        )
        return asked

    def _exhausted(self, slot: Slot, reason: str) -> None:
        # A whole grid that has been tried is what was asked for, and no news.
        if reason and reason not in self._said and self._plan.trials is not None:
            self._said.add(reason)
            self._listener.note(reason)
        self._journal.write("exhausted", kind=slot.kind, reason=reason)
        self._scheduler.exhausted(slot)

    def _start(self, attempt: Attempt, slot: Slot) -> None:
        number = attempt.key.trial
        seed = self._seeds.setdefault(number, trial_seed(self._plan.settings.seed, number))
        self._place(make_job(self._plan, attempt, slot, seed, self._store.identity))

    def _place(self, job: Job) -> None:
        at = time.time()
        self._store.started(job, at)
        prepare_folders(job)
        self._executor.start(job)
        self._scheduler.place(job, time.monotonic())
        for member in job.members:
            key = member.key
            self._members[key] = (member, at)
            self._journal.write(
                "started", trial=key.trial, attempt=key.attempt, job=job.id, slot=job.slot.device
            )
            self._listener.trial_started(key.trial, member.params, job.slot.device)

    # Ending.

    def _stop(self, action: StopJob) -> None:
        trial = None if action.member is None else action.member.trial
        how = action.how.name.lower()
        self._journal.write("stop", job=action.job, trial=trial, how=how, reason=action.reason)
        self._executor.stop(action.job, action.how, action.member, action.reason)

    def _finish(self, ending: Ending, again: bool) -> None:
        key = ending.key
        member, started = self._members.pop(key)
        at = time.time()
        ending = replace(ending, at=at, wall_s=at - started)
        self._store.finish(ending, again=again)
        self._look_back(member, ending.outcome)
        tidy_folder(self._plan, key.trial, again=again)
        self._ran[ending.outcome] += 1
        self._remarks.ended(ending)
        self._journal.write("ended", **_facts(ending), again=again)
        completed = ending.outcome is Outcome.COMPLETED
        if completed and (question := self._same.completed(key.trial, member.params)):
            self._note(question)
        if ending.outcome is Outcome.OUT_OF_MEMORY:
            for ruled_out in self._ceiling.ran_out(member.params, ending.kind):
                self._journal.write("ruled_out", reason=ruled_out)
                self._listener.note(ruled_out)
        if not again:
            self._proposer.told(ending)
        self._listener.trial_ended(
            TrialRow(
                number=key.trial,
                outcome=ending.outcome,
                params=member.params,
                value=ending.value,
                attempt=key.attempt,
                wall_s=ending.wall_s,
                exit_code=ending.exit_code,
                reason=ending.reason,
            )
        )

    def _look_back(self, member: Member, outcome: Outcome) -> None:
        """Hold what was seen of a trial against what it was asked for."""
        key = member.key
        facts = observed_facts(member.folder, key, self._store.identity)
        if not facts:
            return
        self._store.observed(key, facts)
        if outcome is not Outcome.COMPLETED:
            return
        for note in self._truth.ended(key.trial, member.params, Seen.of(facts)):
            self._note(note)
        if self._truth.mismatch and self._scheduler.stopping is None:
            self._perform(self._scheduler.shut_down(self._truth.mismatch, time.monotonic()))


def _make_scheduler(
    plan: SweepPlan, store: StudyStore, slots: Sequence[Slot], pruner: Pruner
) -> Scheduler:
    settings = plan.settings
    limits = Limits(
        plan.trials,
        settings.timeout,
        settings.trial_timeout,
        settings.retries,
        settings.retry_crashed,
        settings.max_failed,
        stop_diverged=settings.stop_diverged,
    )
    scheduler = Scheduler(
        slots,
        limits,
        pruner,
        plan.metric,
        plan.direction,
        now=time.monotonic(),
        counted=store.counted,
        again=store.to_run_again(),
        objective=settings.objective,
    )
    for curve in store.ended_curves():
        reports = [(report, report.metrics[plan.metric]) for report in curve.reports]
        scheduler.learn(curve.number, curve.params, curve.outcome, reports)
    return scheduler


def _with_flag(argv: Sequence[str], flag: str) -> list[str]:
    """A command with one more option, before the command of the user's own where there is one."""
    end = argv.index("--") if "--" in argv else len(argv)
    return [*argv[:end], flag, *argv[end:]]


def _facts(ending: Ending) -> dict[str, object]:
    verdict = ending.verdict
    return {
        "trial": ending.key.trial,
        "attempt": ending.key.attempt,
        "outcome": ending.outcome.value,
        "value": ending.value,
        "reason": ending.reason,
        "exit_code": ending.exit_code,
        "rule": None if verdict is None else verdict.rule,
        "numbers": None if verdict is None else dict(verdict.numbers),
    }


def _names(slots: Iterable[Slot]) -> list[str]:
    return [slot.device for slot in slots]
