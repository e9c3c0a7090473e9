"""What a sweep does next: reports, exits and the clock in, actions out. Pure.

An attempt goes one way through its phases; each has a way to leave it and a grace period after
which the next, harder one follows:

    RUNNING ──prune, diverge──▶ STOPPING ──grace──▶ TERMINATING ──grace──▶ KILLING
       └──────────time out, cancel───────────────────────▲

The process may exit in any of them; `_outcome` then says what became of the attempt.
"""

from __future__ import annotations

import math
import signal
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Protocol

from lrsweep.analysis.objective import Objective, Rule
from lrsweep.protocol import OBSERVED
from lrsweep.trial import (
    Attempt,
    Direction,
    Ending,
    Outcome,
    Params,
    Report,
    Slot,
    TrialKey,
    Verdict,
)


class Pruner(Protocol):
    """Decides from the objective's curves; `position` is a point on the budget axis."""

    def observe(self, trial: int, params: Params, position: float, value: float) -> None: ...

    def judge(self, trial: int) -> Verdict | None: ...

    def forget(self, trial: int) -> None: ...

    def finish(self, trial: int, outcome: Outcome) -> None: ...


class Stop(Enum):
    """How hard to stop a process."""

    ASK = auto()
    TERMINATE = auto()
    KILL = auto()


class Phase(Enum):
    """How far an attempt is on its way out."""

    RUNNING = auto()
    STOPPING = auto()
    TERMINATING = auto()
    KILLING = auto()


_STOP_OF = {
    Phase.STOPPING: Stop.ASK,
    Phase.TERMINATING: Stop.TERMINATE,
    Phase.KILLING: Stop.KILL,
}
_HARDER = {Phase.STOPPING: Phase.TERMINATING, Phase.TERMINATING: Phase.KILLING}
_FIRST = {
    Outcome.PRUNED: Phase.STOPPING,
    Outcome.DIVERGED: Phase.STOPPING,
    Outcome.TIMED_OUT: Phase.TERMINATING,
    Outcome.CANCELLED: Phase.TERMINATING,
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds a sweep. Times in seconds; `trials` None means until proposals run out.

    `asks_grace_s` is how long a process may go on after it was asked to stop at its next report,
    `grace_s` how long after SIGTERM. `retries` is how often a lost trial is run again, and with
    `retry_crashed` a crashed one.
    """

    trials: int | None = None
    timeout_s: float | None = None
    trial_timeout_s: float | None = None
    retries: int = 1
    retry_crashed: bool = False
    asks_grace_s: float = 10.0
    grace_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Exit:
    """A process ended. `code` is negative for a signal, None where nobody knows (it was lost).

    `stopped` says that it ended because it was told to; `detail` is the last line of its standard
    error, or what was unclear in its reports; `out_of_memory` that it, or the kernel for it, ran
    out of memory.
    """

    key: TrialKey
    code: int | None
    stopped: bool = False
    detail: str = ""
    out_of_memory: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """Propose a trial for `slot`, then call `place` or `exhausted`."""

    slot: Slot


@dataclass(frozen=True, slots=True)
class Start:
    """Start this attempt in `slot`."""

    proposal: Attempt
    slot: Slot


@dataclass(frozen=True, slots=True)
class StopProcess:
    """Stop the process of `key`; `reason` is for people."""

    key: TrialKey
    how: Stop
    reason: str


@dataclass(frozen=True, slots=True)
class Finish:
    """Record how an attempt ended; `again` says that its trial waits to be run again."""

    ending: Ending
    again: bool


Action = Ask | Start | StopProcess | Finish


@dataclass(slots=True)
class _Running:
    proposal: Attempt
    slot: Slot
    started_at: float
    objective: Objective
    phase: Phase = Phase.RUNNING
    phase_since: float = 0.0
    why: Outcome | None = None
    reason: str = ""
    verdict: Verdict | None = None
    step: int | None = None
    spent: bool = False
    metrics: set[str] = field(default_factory=set)


class Scheduler:
    """Slots, attempts, retries, pruning, deadlines and shutdown of one sweep.

    `finished` counts the trials of earlier runs, `again` those to be run once more. The caller
    performs every action that a method returns, in order.
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
        finished: int = 0,
        again: Iterable[Attempt] = (),
        objective: Rule = "last",
    ) -> None:
        self._free = list(slots)
        self._limits = limits
        self._pruner = pruner
        self._metric = metric
        self._direction = direction
        self._objective: Rule = objective
        self._finished = finished
        self._queue = deque(again)
        self._attempts: dict[TrialKey, _Running] = {}
        self._pending = 0
        self._held: list[tuple[float, Slot]] = []
        self._retried: Counter[int] = Counter()
        self._exhausted: set[str] = set()
        self._slots = tuple(slots)
        self._shutdown: str | None = None
        self._deadline = math.inf if limits.timeout_s is None else now + limits.timeout_s

    @property
    def done(self) -> bool:
        """Whether nothing runs and nothing more will."""
        return not self._attempts and not self._wants_more()

    @property
    def stopping(self) -> str | None:
        """Why the sweep ends early; None while it does not."""
        return self._shutdown

    @property
    def running(self) -> int:
        return len(self._attempts)

    def tick(self, now: float) -> list[Action]:
        """Time passes: deadlines, grace periods, free slots."""
        actions: list[Action] = []
        if now >= self._deadline and self._shutdown is None:
            actions += self.shut_down("the time for the sweep is up", now)
        for attempt in self._attempts.values():
            actions += self._check_time(attempt, now)
        self._free += [slot for until, slot in self._held if until <= now]
        self._held = [(until, slot) for until, slot in self._held if until > now]
        actions += self._fill_slots()
        return actions

    def place(self, proposal: Attempt, slot: Slot, now: float) -> None:
        """The answer to `Ask` and the confirmation of `Start`: this attempt runs from `now`."""
        self._pending -= 1
        self._attempts[proposal.key] = _Running(
            proposal, slot, now, Objective(self._objective, self._direction)
        )

    def hold(self, action: Ask | Start, until: float) -> None:
        """The third answer to `Ask` and `Start`: the slot has no room, ask again at `until`."""
        self._pending -= 1
        self._held.append((until, action.slot))  # inf: until an attempt ends
        if isinstance(action, Start):
            self._queue.appendleft(action.proposal)

    def exhausted(self, slot: Slot) -> None:
        """The other answer to `Ask`: nothing is left to propose for this kind of slot."""
        self._pending -= 1
        self._exhausted.add(slot.kind)
        self._free.append(slot)

    def reported(self, reports: Iterable[Report], now: float) -> list[Action]:
        """Reports arrived, oldest first; the newest of each attempt decides."""
        seen: dict[TrialKey, None] = {}
        actions: list[Action] = []
        for report in reports:
            key = TrialKey(report.trial, report.attempt)
            attempt = self._attempts.get(key)
            if attempt is None:
                continue
            attempt.metrics.update(n for n in report.metrics if not n.startswith(OBSERVED))
            if self._metric in report.replaces:
                attempt.objective.reset()
                self._pruner.forget(key.trial)
                seen.pop(key, None)
            value = report.metrics.get(self._metric)
            if value is None:
                continue
            attempt.step = report.step
            attempt.objective.add(value, report.step, report.fold, named=report.named)
            attempt.spent = report.fraction is not None and report.fraction >= 1
            if math.isfinite(value) and (report.fold or 1) > 1:
                continue  # curves are compared in their first fold, each fold begins above its end
            if math.isfinite(value):
                self._pruner.observe(
                    key.trial, attempt.proposal.params, budget_position(report), value
                )
                seen[key] = None
            else:
                reason = f"{self._metric} became {value} at step {report.step}"
                actions += self._leave(attempt, Outcome.DIVERGED, reason, now)
        for key in seen:
            attempt = self._attempts[key]
            # A last report is not worth stopping for: the trial is complete.
            if attempt.phase is not Phase.RUNNING or attempt.spent:
                continue
            if (verdict := self._pruner.judge(key.trial)) is not None:
                attempt.verdict = attempt.verdict or verdict
                actions += self._leave(attempt, verdict.outcome, verdict.sentence, now)
        return actions

    def exited(self, exit: Exit, now: float) -> list[Action]:
        """A process ended: its slot is free, and its attempt has an outcome."""
        attempt = self._attempts.pop(exit.key, None)
        if attempt is None:
            return []
        self._free.append(attempt.slot)
        self._free += [slot for until, slot in self._held if until == math.inf]
        self._held = [(until, slot) for until, slot in self._held if until < math.inf]
        outcome, reason = self._outcome(attempt, exit)
        cancelled = outcome is Outcome.CANCELLED
        again = cancelled or self._is_retried(outcome, exit.key.trial)
        if again and not cancelled:
            self._retried[exit.key.trial] += 1
            following = TrialKey(exit.key.trial, exit.key.attempt + 1)
            self._queue.append(Attempt(following, attempt.proposal.params))
        if not again:
            self._finished += 1
        self._pruner.finish(exit.key.trial, outcome)
        ending = Ending(
            exit.key,
            outcome,
            attempt.objective.value,
            reason,
            exit.code,
            now,
            attempt.proposal.params,
            attempt.slot.kind,
            attempt.verdict if outcome is attempt.why else None,
        )
        return [Finish(ending, again)]

    def shut_down(self, reason: str, now: float) -> list[Action]:
        """Start nothing more and end what runs; what ran will be run again on resume."""
        self._shutdown = self._shutdown or reason
        return [
            action
            for attempt in self._attempts.values()
            for action in self._leave(attempt, Outcome.CANCELLED, reason, now)
        ]

    def kill_all(self, now: float) -> list[Action]:
        """End what runs at once."""
        actions: list[Action] = []
        for attempt in self._attempts.values():
            attempt.why = attempt.why or Outcome.CANCELLED
            actions += self._enter(attempt, Phase.KILLING, now)
        return actions

    def _wants_more(self) -> bool:
        if self._shutdown is not None:
            return False
        if self._queue:
            return True
        return self._may_ask() and any(s.kind not in self._exhausted for s in self._slots)

    def _may_ask(self) -> bool:
        """Whether the number of trials leaves another one to propose."""
        ahead = self._finished + len(self._attempts) + self._pending
        return self._limits.trials is None or ahead < self._limits.trials

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

    def _check_time(self, attempt: _Running, now: float) -> list[Action]:
        limit = self._limits.trial_timeout_s
        if attempt.phase is Phase.RUNNING:
            if limit is not None and now - attempt.started_at >= limit:
                reason = f"it ran longer than {limit:g} s"
                return self._leave(attempt, Outcome.TIMED_OUT, reason, now)
            return []
        grace = (
            self._limits.asks_grace_s if attempt.phase is Phase.STOPPING else self._limits.grace_s
        )
        if attempt.phase in _HARDER and now - attempt.phase_since >= grace:
            return self._enter(attempt, _HARDER[attempt.phase], now)
        return []

    def _leave(self, attempt: _Running, why: Outcome, reason: str, now: float) -> list[Action]:
        """Put a running attempt on its way out; one that is on it goes on as it is."""
        phase = _FIRST[why]
        if attempt.phase.value >= phase.value:
            return []
        if attempt.why is None:
            attempt.why, attempt.reason = why, reason
        return self._enter(attempt, phase, now)

    def _enter(self, attempt: _Running, phase: Phase, now: float) -> list[Action]:
        attempt.phase, attempt.phase_since = phase, now
        return [StopProcess(attempt.proposal.key, _STOP_OF[phase], attempt.reason)]

    def _outcome(self, attempt: _Running, exit: Exit) -> tuple[Outcome, str]:
        if attempt.why is not None and not self._finished_anyway(attempt, exit):
            return attempt.why, attempt.reason
        if exit.out_of_memory:
            return Outcome.OUT_OF_MEMORY, exit.detail or "it ran out of memory"
        if exit.code is None:
            return Outcome.LOST, exit.detail or "its process vanished"
        if exit.code != 0:
            return Outcome.CRASHED, _describe_exit(exit)
        if attempt.objective.value is None:
            others = ", ".join(sorted(attempt.metrics)) or "nothing"
            said = f"it never reported {self._metric} (it reported {others})"
            return Outcome.CRASHED, f"{said}; {exit.detail}" if exit.detail else said
        return Outcome.COMPLETED, attempt.objective.sentence

    def _is_retried(self, outcome: Outcome, trial: int) -> bool:
        retried = outcome is Outcome.LOST or (
            outcome is Outcome.CRASHED and self._limits.retry_crashed
        )
        return retried and self._retried[trial] < self._limits.retries

    def _finished_anyway(self, attempt: _Running, exit: Exit) -> bool:
        """Whether the training had come to its end before the word to stop reached it."""
        if exit.code != 0 or attempt.why is Outcome.DIVERGED:
            return False
        unheard = attempt.phase is Phase.STOPPING and not exit.stopped
        return attempt.spent or unheard


def budget_position(report: Report) -> float:
    """Where a report stands on the budget axis: share of budget, else examples, else step."""
    if report.fraction is not None:
        return report.fraction
    return float(report.step if report.examples is None else report.examples)


def _describe_exit(exit: Exit) -> str:
    assert exit.code is not None
    what = f"exit code {exit.code}"
    if exit.code < 0:
        try:
            what = f"killed by {signal.Signals(-exit.code).name}"
        except ValueError:
            what = f"killed by signal {-exit.code}"
    return f"{what}: {exit.detail}" if exit.detail else what
