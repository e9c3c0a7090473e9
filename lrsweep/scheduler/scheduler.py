"""What a sweep does next: reports, exits and the clock in, actions out. Pure.

Jobs hold slots and attempts take verdicts. An attempt that is to stop is asked to, if it can end
alone; its job is ended by force when nothing in it is to go on and asking was not enough:

    job      RUNNING ──nothing is to go on──▶ TERMINATING ──grace──▶ KILLING ──▶ exit
    attempt  running ──prune, diverge, time out, cancel──▶ leaving ──heard, or its job's exit──▶ end

A member of a job may end (`ended`) while the job continues; the job's exit ends those that remain.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from lrsweep.analysis.objective import Objective, Rule
from lrsweep.protocol import is_observed
from lrsweep.scheduler.axis import CurveAxis, budget_position
from lrsweep.scheduler.failures import Failures
from lrsweep.scheduler.lengths import Lengths
from lrsweep.scheduler.limits import Limits
from lrsweep.scheduler.messages import Action, Ask, Exit, Finish, Start, Stop, StopJob
from lrsweep.scheduler.outcome import outcome_of
from lrsweep.scheduler.running import Phase, RunningAttempt, RunningJob
from lrsweep.terms import is_gradient_norm
from lrsweep.trial import (
    Attempt,
    Direction,
    Ended,
    Ending,
    Job,
    Outcome,
    Params,
    Report,
    Slot,
    TrialKey,
    Verdict,
)

_HOW = {Phase.TERMINATING: Stop.TERMINATE, Phase.KILLING: Stop.KILL}


class Pruner(Protocol):
    """Decides from the objective's curves; `position` is a point on the budget axis, rising."""

    def observe(self, trial: int, params: Params, position: float, value: float) -> None: ...

    def gradient(self, trial: int, norm: float) -> None: ...

    def judge(self, trial: int) -> Verdict | None: ...

    def forget(self, trial: int) -> None: ...

    def finish(self, trial: int, outcome: Outcome) -> None: ...


class Scheduler:
    """Slots, jobs, attempts, retries, pruning, deadlines and shutdown of one sweep.

    `counted` is how many trials of earlier runs count, `again` are those to be run once more. The
    caller performs every action that a method returns, in order.
    """

    def __init__(
        self,
        slots: Sequence[Slot],
        limits: Limits,
        pruner: Pruner,
        metric: str,
        direction: Direction,
        *,
        now: float,
        counted: int = 0,
        again: Iterable[Attempt] = (),
        objective: Rule = "last",
    ) -> None:
        self._slots: tuple[Slot, ...] = ()
        self._free: list[Slot] = []
        self._limits = limits
        self._pruner = pruner
        self._metric = metric
        self._direction = direction
        self._objective: Rule = objective
        self._counted = counted
        self._queue = deque(again)
        self._jobs: dict[str, RunningJob] = {}
        self._attempts: dict[TrialKey, RunningAttempt] = {}
        self._pending = 0
        self._held: list[tuple[float, Slot]] = []
        self._retried: Counter[int] = Counter()
        self._killed: Counter[int] = Counter()
        self._exhausted: set[str] = set()
        self._lengths = Lengths()
        self._by_arrival = False
        self._failures = Failures(limits)
        self._started = 0
        self._most_started = math.inf
        if limits.trials is not None:
            self._most_started = 2 * max(len(self._queue), limits.trials - counted)
        self._shutdown: str | None = None
        self.gave_up = False
        self._deadline = math.inf if limits.timeout_s is None else now + limits.timeout_s
        self.offer(slots)

    @property
    def done(self) -> bool:
        """Whether nothing runs and nothing more will."""
        return not self._jobs and not self._wants_more()

    @property
    def stopping(self) -> str | None:
        """Why the sweep ends early; None while it does not."""
        return self._shutdown

    @property
    def running(self) -> int:
        """How many trials run."""
        return len(self._attempts)

    @property
    def last_to_ask(self) -> bool:
        """Whether nothing can happen any more but what the slot that is asked for brings."""
        waits_for_time = any(until < math.inf for until, _ in self._held)
        return not (self._attempts or self._queue or self._pending > 1 or waits_for_time)

    @property
    def missing(self) -> int:
        """How many trials that count are missing; 0 where nothing is left to propose."""
        if self._slots and all(slot.kind in self._exhausted for slot in self._slots):
            return 0
        return max(0, (self._limits.trials or 0) - self._counted)

    # Where jobs may run.

    def offer(self, slots: Sequence[Slot]) -> None:
        """The slots that there are now; a job in one that is gone runs to its exit."""
        before, self._slots = self._slots, tuple(slots)
        self._free = [slot for slot in self._free if slot in self._slots]
        self._held = [(until, slot) for until, slot in self._held if slot in self._slots]
        busy = {job.slot for job in self._jobs.values()}
        self._free += [slot for slot in self._slots if slot not in before and slot not in busy]

    def _release(self, slot: Slot) -> None:
        if slot in self._slots:
            self._free.append(slot)

    # Starting.

    def tick(self, now: float) -> list[Action]:
        """Time passes: deadlines, grace periods, free slots."""
        actions: list[Action] = []
        if now >= self._deadline and self._shutdown is None:
            actions += self.shut_down("the time for the sweep is up", now)
        for job in self._jobs.values():
            actions += self._check_time(job, now)
        self._unhold(now)
        actions += self._fill_slots()
        return actions

    def place(self, job: Job, now: float) -> None:
        """The answer to `Ask` and `Start`: this job runs in its slot from `now`."""
        self._pending -= 1
        self._started += len(job.members)
        members = {
            member.key: RunningAttempt(
                Attempt(member.key, member.params),
                job.id,
                job.slot.kind,
                now,
                Objective(self._objective, self._direction),
            )
            for member in job.members
        }
        self._jobs[job.id] = RunningJob(job.id, job.slot, members)
        self._attempts |= members

    def hold(self, action: Ask | Start, until: float) -> None:
        """Another answer: nothing can start in the slot now.

        It is offered again at the time `until`, or when an attempt has ended where that is inf.
        """
        self._pending -= 1
        self._held.append((until, action.slot))
        if isinstance(action, Start):
            self._queue.appendleft(action.attempt)

    def exhausted(self, slot: Slot) -> None:
        """Another answer to `Ask`: nothing is left to propose for this kind of slot."""
        self._pending -= 1
        self._exhausted.add(slot.kind)
        self._release(slot)

    def _unhold(self, now: float) -> None:
        due = [slot for until, slot in self._held if until <= now]
        self._held = [(until, slot) for until, slot in self._held if until > now]
        self._free += due

    def _wants_more(self) -> bool:
        if self._shutdown is not None:
            return False
        if self._queue:
            return True
        kinds = {slot.kind for slot in self._slots}
        return self._may_ask() and not (kinds and kinds <= self._exhausted)

    def _may_ask(self) -> bool:
        """Whether the number of trials leaves another one to propose."""
        ahead = len(self._attempts) + self._pending + len(self._queue)
        trials = self._limits.trials
        return trials is None or (
            self._counted + ahead < trials and self._started + self._pending < self._most_started
        )

    def _fill_slots(self) -> Iterator[Action]:
        for slot in list(self._free):
            if self._shutdown is not None:
                return
            if self._queue:
                action: Action = Start(self._queue.popleft(), slot)
            elif self._may_ask() and slot.kind not in self._exhausted:
                action = Ask(slot)
            else:
                continue
            self._free.remove(slot)
            self._pending += 1
            yield action

    # What running attempts say.

    def learn(
        self, trial: int, params: Params, outcome: Outcome, points: Sequence[tuple[Report, float]]
    ) -> None:
        """The finite points of the objective's curve of a trial that ended in an earlier run."""
        axis = CurveAxis(self._by_arrival)
        for report, value in points:
            self._by_arrival |= axis.add(budget_position(report), value)
        for number, (report, value) in enumerate(points, 1):
            position = float(number) if axis.by_arrival else budget_position(report)
            self._pruner.observe(trial, params, position, value)
        if points and outcome is Outcome.COMPLETED:
            self._lengths.completed(params, axis.last)
        self._pruner.finish(trial, outcome)

    def reported(self, reports: Iterable[Report], now: float) -> list[Action]:
        """Reports arrived, in this order; the newest of each attempt decides."""
        newest: dict[TrialKey, Report] = {}
        actions: list[Action] = []
        for report in reports:
            key = TrialKey(report.trial, report.attempt)
            attempt = self._attempts.get(key)
            if attempt is None:
                continue
            if is_observed(report):
                actions += self._look_at(attempt, report, now)
            else:
                attempt.hear(report, now)
            if self._metric in report.replaces:
                attempt.objective.reset()
                attempt.axis = CurveAxis()
                self._pruner.forget(key.trial)
                newest.pop(key, None)
            for name, norm in report.metrics.items():
                if is_gradient_norm(name):
                    self._pruner.gradient(key.trial, norm)
            value = report.metrics.get(self._metric)
            if value is None:
                continue
            attempt.objective.add(value, report.step, report.fold, named=report.named)
            attempt.spent = report.fraction is not None and report.fraction >= 1
            if not math.isfinite(value):
                reason = f"{self._metric} became {value} at step {report.step}"
                verdict = Verdict("not finite", reason, {}, Outcome.DIVERGED)
                self._leave(attempt, verdict.outcome, reason, verdict)
            elif (report.fold or 1) > 1:
                continue  # curves are compared in their first fold: each begins above its end
            else:
                self._observe(attempt, report, value)
            newest[key] = report
        for key, report in newest.items():
            actions += self._judge(self._attempts[key], report, now)
        return actions

    def _look_at(self, attempt: RunningAttempt, report: Report, now: float) -> list[Action]:
        """Stop an attempt whose training is seen to be lost, though its script says nothing yet."""
        reason = attempt.lost(report) if self._limits.stop_diverged else ""
        if not reason or attempt.why is not None:
            return []
        self._leave(
            attempt, Outcome.DIVERGED, reason, Verdict("lost", reason, {}, Outcome.DIVERGED)
        )
        return self._ask_to_stop(attempt, now)

    def heard(self, keys: Iterable[TrialKey]) -> None:
        """These attempts know that they are to stop."""
        for key in keys:
            if key in self._attempts:
                self._attempts[key].heard = True

    def ended(self, ended: Iterable[Ended], now: float) -> list[Action]:
        """Members ended while their jobs continue."""
        actions: list[Action] = []
        for end in ended:
            attempt = self._attempts.get(end.key)
            if attempt is None:
                continue
            outcome, reason = end.outcome, end.reason
            if attempt.why is Outcome.DIVERGED or (outcome is Outcome.PRUNED and attempt.why):
                outcome, reason = attempt.why or outcome, attempt.reason
            elif outcome is Outcome.COMPLETED and attempt.objective.value is None:
                outcome, reason = Outcome.CRASHED, f"it never reported {self._metric}"
            actions += self._end(attempt, outcome, reason, None, now)
        return actions

    def exited(self, exit: Exit, now: float) -> list[Action]:
        """A job ended: its slot is free, and its members that remained have outcomes."""
        job = self._jobs.pop(exit.job, None)
        if job is None:
            return []
        self._release(job.slot)
        actions: list[Action] = []
        for attempt in list(job.members.values()):
            forced = job.phase is not Phase.RUNNING
            outcome, reason = outcome_of(attempt, exit, self._metric, forced=forced)
            actions += self._end(attempt, outcome, reason, exit.code, now)
        return actions

    def _observe(self, attempt: RunningAttempt, report: Report, value: float) -> None:
        trial, params = attempt.key.trial, attempt.attempt.params
        if not attempt.axis.count:
            attempt.axis.by_arrival = self._by_arrival
        if attempt.axis.add(budget_position(report), value):
            self._by_arrival = True
            self._pruner.forget(trial)
            for position, former in attempt.axis.former():
                self._pruner.observe(trial, params, position, former)
        self._pruner.observe(trial, params, attempt.axis.last, value)

    def _judge(self, attempt: RunningAttempt, report: Report, now: float) -> list[Action]:
        """Stop an attempt whose newest value says so, if it has more to report."""
        params, position = attempt.attempt.params, attempt.axis.last
        attempt.spent |= self._lengths.may_be_last(params, position, strictly=False)
        over = attempt.spent or (
            not report.listens and self._lengths.may_be_last(params, position, strictly=True)
        )
        if attempt.why is Outcome.DIVERGED:
            return [] if attempt.spent else self._ask_to_stop(attempt, now)
        if attempt.why is not None or over:
            return []
        verdict = self._pruner.judge(attempt.key.trial)
        if verdict is None:
            return []
        self._leave(attempt, verdict.outcome, verdict.sentence, verdict)
        return self._ask_to_stop(attempt, now)

    # Stopping.

    def shut_down(self, reason: str, now: float) -> list[Action]:
        """Start nothing more and end what runs; what ran will be run again on resume."""
        self._shutdown = self._shutdown or reason
        for attempt in self._attempts.values():
            self._leave(attempt, Outcome.CANCELLED, reason)
        return [
            action
            for job in self._jobs.values()
            if job.phase is Phase.RUNNING
            for action in self._force(job, Phase.TERMINATING, now)
        ]

    def kill_all(self, now: float) -> list[Action]:
        """End what runs at once."""
        actions: list[Action] = []
        for attempt in self._attempts.values():
            self._leave(attempt, Outcome.CANCELLED, "stopped")
        for job in self._jobs.values():
            actions += self._force(job, Phase.KILLING, now)
        return actions

    def _check_time(self, job: RunningJob, now: float) -> list[Action]:
        actions: list[Action] = []
        limit = self._limits.trial_timeout_s
        for attempt in job.members.values():
            if limit is not None and attempt.why is None and now - attempt.started_at >= limit:
                self._leave(attempt, Outcome.TIMED_OUT, f"it ran longer than {limit:g} s")
                if len(job.members) > 1:
                    actions += self._ask_to_stop(attempt, now)
        if job.phase is Phase.RUNNING and job.may_be_forced(self._limits, now):
            actions += self._force(job, Phase.TERMINATING, now)
        elif job.phase is Phase.TERMINATING and now - job.phase_since >= self._limits.grace_s:
            actions += self._force(job, Phase.KILLING, now)
        return actions

    def _leave(
        self, attempt: RunningAttempt, why: Outcome, reason: str, verdict: Verdict | None = None
    ) -> None:
        """Decide what is to become of an attempt; what was decided first stands."""
        if attempt.why is None:
            attempt.why, attempt.reason, attempt.verdict = why, reason, verdict

    def _ask_to_stop(self, attempt: RunningAttempt, now: float) -> list[Action]:
        if attempt.asked_at is not None:
            return []
        attempt.asked_at = now
        return [StopJob(attempt.job, Stop.ASK, attempt.key, attempt.reason)]

    def _force(self, job: RunningJob, phase: Phase, now: float) -> list[Action]:
        job.phase, job.phase_since = phase, now
        reason = next((a.reason for a in job.members.values() if a.reason), "")
        return [StopJob(job.id, _HOW[phase], None, reason)]

    # Ending.

    def _end(
        self, attempt: RunningAttempt, outcome: Outcome, reason: str, code: int | None, now: float
    ) -> list[Action]:
        key, params = attempt.key, attempt.attempt.params
        del self._attempts[key]
        if (job := self._jobs.get(attempt.job)) is not None:
            del job.members[key]
        killed = outcome is Outcome.LOST and code is not None
        outcome, reason, again = self._again(key.trial, outcome, reason, killed=killed)
        if again and outcome is not Outcome.CANCELLED:
            self._queue.append(Attempt(TrialKey(key.trial, key.attempt + 1), params))
        if not again and outcome.informs:
            self._counted += 1
        if outcome is Outcome.COMPLETED and attempt.axis.count:
            self._lengths.completed(params, attempt.axis.last)
        self._pruner.finish(key.trial, outcome)
        verdict = attempt.verdict if outcome is attempt.why else None
        ending = Ending(
            *(key, outcome, attempt.objective.value, reason, code, now, params, attempt.kind),
            verdict=verdict,
            earlier=attempt.objective.better_earlier,
        )
        self._unhold(math.inf)
        actions: list[Action] = [Finish(ending, again)]
        return actions + self._give_up(ending, again, now)

    def _give_up(self, ending: Ending, again: bool, now: float) -> list[Action]:
        why = self._failures.add(ending, again=again)
        if why is None or self._shutdown is not None or self.done:
            return []
        self.gave_up = True
        return self.shut_down(why, now)

    def _again(
        self, trial: int, outcome: Outcome, reason: str, *, killed: bool
    ) -> tuple[Outcome, str, bool]:
        """Whether a trial is to be run again; one that is killed each time has crashed."""
        if outcome is Outcome.CANCELLED:
            return outcome, reason, True
        retried = outcome is Outcome.LOST or (
            outcome is Outcome.CRASHED and self._limits.retry_crashed
        )
        left = self._retried[trial] < self._limits.retries and self._started < self._most_started
        if killed:
            self._killed[trial] += 1
            if self._killed[trial] > 1 and not left:
                said = f"{reason}, {self._killed[trial]} times: it may kill itself"
                return Outcome.CRASHED, said, False
        if retried and left:
            self._retried[trial] += 1
            return outcome, reason, True
        return outcome, reason, False
