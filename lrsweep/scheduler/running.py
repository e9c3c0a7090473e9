"""The two tables of the scheduler: jobs hold slots, attempts take verdicts."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

from lrsweep.analysis.broken_loss import BrokenLoss
from lrsweep.analysis.objective import Objective
from lrsweep.protocol import OBSERVED
from lrsweep.scheduler.axis import CurveAxis
from lrsweep.scheduler.limits import Limits
from lrsweep.trial import Attempt, Outcome, Report, Slot, TrialKey, Verdict

# A process that was asked to stop is silent for long when its reports are far apart.
_REPORTS_MISSED = 3.0


class Phase(Enum):
    """How far a job is on its way out."""

    RUNNING = auto()
    TERMINATING = auto()
    KILLING = auto()


@dataclass(slots=True)
class RunningAttempt:
    """One attempt in a job. `why` is what is to become of it, once it is to stop."""

    attempt: Attempt
    job: str
    kind: str
    started_at: float
    objective: Objective
    axis: CurveAxis = field(default_factory=CurveAxis)
    why: Outcome | None = None
    reason: str = ""
    verdict: Verdict | None = None
    asked_at: float | None = None
    heard: bool = False
    ignoring_since: float | None = None
    ignored: int = 0
    reported_at: float | None = None
    longest_gap_s: float = 0.0
    spent: bool = False
    metrics: set[str] = field(default_factory=set)
    loss: BrokenLoss = field(default_factory=BrokenLoss)

    @property
    def key(self) -> TrialKey:
        return self.attempt.key

    def hear(self, report: Report, now: float) -> None:
        """Note what a report says of the process, whatever its metrics."""
        self.metrics.update(report.metrics)
        if self.reported_at is not None:
            self.longest_gap_s = max(self.longest_gap_s, now - self.reported_at)
        self.reported_at = now
        if self.heard:
            self.ignored += 1
            self.ignoring_since = now if self.ignoring_since is None else self.ignoring_since

    def lost(self, report: Report) -> str:
        """Why the training is lost, by its loss as it was observed; empty where it is not."""
        loss = report.metrics.get(f"{OBSERVED}train_loss")
        return "" if loss is None else self.loss.add(report.step, loss)

    def overdue(self, limits: Limits, now: float) -> bool:
        """Whether it was asked to stop and has had time enough."""
        if self.why in (Outcome.TIMED_OUT, Outcome.CANCELLED):
            return True
        if self.asked_at is None:
            return False
        if self.ignoring_since is not None:
            return now - self.ignoring_since >= limits.asks_grace_s
        silent_since = max(self.asked_at, self.reported_at or 0.0)
        patience = max(limits.saving_s, _REPORTS_MISSED * self.longest_gap_s)
        return now - silent_since >= patience


@dataclass(slots=True)
class RunningJob:
    """One job, with the members that have not ended. It holds its slot until it exits."""

    id: str
    slot: Slot
    members: dict[TrialKey, RunningAttempt]
    phase: Phase = Phase.RUNNING
    phase_since: float = 0.0

    def may_be_forced(self, limits: Limits, now: float) -> bool:
        """Whether nothing in it is to go on, and a request was not enough."""
        attempts = self.members.values()
        leaving = all(attempt.why is not None for attempt in attempts)
        return leaving and any(attempt.overdue(limits, now) for attempt in attempts)
