"""The contract of executors: places where jobs run, and what is told of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, Self

from lrsweep.scheduler import Exit, Stop
from lrsweep.trial import Ended, Job, Report, Slot, TrialKey


@dataclass(slots=True)
class PollResult:
    """What `poll` saw. `notes` are for people.

    Every report of a member comes before its end, and the ends of members before their job's exit.
    `heard` names the members that know that they are to stop.
    """

    reports: list[Report] = field(default_factory=list)
    heard: list[TrialKey] = field(default_factory=list)
    ended: list[Ended] = field(default_factory=list)
    exits: list[Exit] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Abilities:
    """What an executor can do.

    `streams_reports`: reports arrive while a job runs, so that trials can be pruned; otherwise at
    its end. `can_ask`: a job can be asked to stop; otherwise it is terminated where it would be
    asked. `outlives_driver`: jobs go on when the sweep dies, for a later run to take over.
    """

    streams_reports: bool = True
    can_ask: bool = True
    outlives_driver: bool = False


@dataclass(frozen=True, slots=True)
class Left:
    """An attempt that a sweep had open when it died: its job's id and the trial's folder."""

    job: str
    key: TrialKey
    folder: str


class Executor(Protocol):
    """Runs jobs in slots of its own. A context manager; leaving it ends what runs.

    Methods return at once, but for `poll`, which waits, and `close`, which ends. A job that cannot
    be started is no error: it exits with code 127 and says why in `detail`.
    """

    @property
    def abilities(self) -> Abilities:
        """What it can do; the same as long as it lives."""

    @property
    def slots(self) -> Sequence[Slot]:
        """Where jobs may run now: a node may join, or a GPU be taken.

        A job whose slot is gone with its process exits as lost; one that still runs keeps it.
        """

    def has_room(self, slot: Slot) -> bool:
        """Whether a job can start in the slot now; where not, `poll` may note why."""

    def end_former(self, left: Sequence[Left]) -> int:
        """End the processes that a dead sweep of this study left running; how many there were.

        Only what is proven to be that sweep's is touched.
        """

    def start(self, job: Job) -> None:
        """Start `job`, whose folders are there; its id names it from now on."""

    def poll(self, timeout_s: float) -> PollResult:
        """Wait until something happens, at most `timeout_s`, and tell what did."""

    def stop(self, job: str, how: Stop, member: TrialKey | None = None, reason: str = "") -> None:
        """Ask, terminate or kill a job; one that is gone already is left alone.

        With `member`, ask only that one to stop: the others continue. `reason` reaches the script.
        """

    def close(self) -> None:
        """Kill whatever still runs; nothing outlives this. Closing twice does no harm."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_error: object) -> None: ...
