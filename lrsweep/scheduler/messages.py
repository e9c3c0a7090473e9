"""What the scheduler hears of jobs, and the actions that it answers with."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from lrsweep.trial import Attempt, Ending, Slot, TrialKey


class Stop(Enum):
    """How hard to stop a job."""

    ASK = auto()
    TERMINATE = auto()
    KILL = auto()


@dataclass(frozen=True, slots=True)
class Exit:
    """The job with the id `job` ended. `code` is negative for a signal, None where it was lost.

    `stopped` says that the executor ended it, as it was told to; `detail` is the last line of its
    standard error, or what was unclear in its reports; `out_of_memory` that it, or the kernel for
    it, ran out of memory. Members that have not ended yet get their outcome from it.
    """

    job: str
    code: int | None
    stopped: bool = False
    detail: str = ""
    out_of_memory: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """Propose a trial for `slot`, then call `place`, `hold` or `exhausted`."""

    slot: Slot


@dataclass(frozen=True, slots=True)
class Start:
    """Start this attempt in `slot`, then call `place` or `hold`."""

    attempt: Attempt
    slot: Slot


@dataclass(frozen=True, slots=True)
class StopJob:
    """Stop a job, or one `member` of it where that is not None; `reason` is for people."""

    job: str
    how: Stop
    member: TrialKey | None
    reason: str


@dataclass(frozen=True, slots=True)
class Finish:
    """Record how an attempt ended; `again` says that its trial waits to be run again."""

    ending: Ending
    again: bool


Action = Ask | Start | StopJob | Finish
