"""The contract of executors, and the way from a job to the files and the environment of a trial."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from lrsweep.scheduler import Exit, Stop
from lrsweep.trial import Job, Report, TrialKey


@dataclass(slots=True)
class PollResult:
    """What `poll` saw: every report of a job comes before its exit. `notes` are for people."""

    reports: list[Report] = field(default_factory=list)
    exits: list[Exit] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Executor(Protocol):
    """Runs jobs. Methods return at once, but for `poll`, which waits, and `close`, which ends.

    A job that cannot be started is no error: it exits with code 127 and says why in `detail`.
    """

    def start(self, job: Job) -> None:
        """Start `job`; its key names it from now on."""

    def poll(self, timeout_s: float) -> PollResult:
        """Wait until something happens, at most `timeout_s`, and tell what did."""

    def stop(self, key: TrialKey, how: Stop) -> None:
        """Ask, terminate or kill a job; one that is gone already is left alone."""

    def close(self) -> None:
        """Kill whatever still runs; nothing outlives this."""
