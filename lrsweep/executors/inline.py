"""The fake executor: jobs are generators in this very process, stepped by `poll`.

For tests of what stands above executors. It keeps the whole contract, without a process.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from lrsweep.executors.base import Abilities, Left, PollResult
from lrsweep.executors.place import FixedPlace, Place
from lrsweep.scheduler import Exit, Stop
from lrsweep.trial import Ended, Job, Member, Outcome, Report, Slot, TrialKey

# Yields (step, metrics) at each report of its only trial, a `Report` for one of several, or an
# `Ended`, and gets back whether that trial is to stop; returns the exit code; None counts as 0.
Said = tuple[int, Mapping[str, float]] | Report | Ended
Training = Generator[Said, bool | None, int | None]


@dataclass(slots=True)
class _Running:
    job: Job
    training: Training
    asked: set[TrialKey] = field(default_factory=set)
    ended: set[TrialKey] = field(default_factory=set)
    answer: bool | None = None


class InlineExecutor:
    """Runs `train(job)` for every job in `place`, one thing said a poll.

    A member that was asked to stop obeys at its next report. What is said of one that has ended is
    not passed on.
    """

    abilities = Abilities()

    def __init__(self, train: Callable[[Job], Training], place: Place | None = None) -> None:
        self._train = train
        self.place = place or FixedPlace()
        self._running: dict[str, _Running] = {}
        self._ended: list[Exit] = []
        self.reasons: list[str] = []

    def __enter__(self) -> Self:
        self.place.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
        self.place.__exit__(*error)

    @property
    def slots(self) -> Sequence[Slot]:
        """Those of the place."""
        return self.place.slots

    def has_room(self, slot: Slot) -> bool:
        """As the place says."""
        return self.place.has_room(slot)

    def end_former(self, left: Sequence[Left]) -> int:
        """Nothing outlives this process."""
        return 0

    def start(self, job: Job) -> None:
        self._running[job.id] = _Running(job, self._train(job))

    def poll(self, timeout_s: float) -> PollResult:
        result = PollResult(exits=self._ended, notes=self.place.notes())
        self._ended = []
        for running in list(self._running.values()):
            self._step(running, result)
        result.exits += self._ended
        self._ended = []
        return result

    def stop(self, job: str, how: Stop, member: TrialKey | None = None, reason: str = "") -> None:
        running = self._running.get(job)
        if running is None:
            return
        if how is Stop.ASK:
            self.reasons.append(reason)
            running.asked |= {m.key for m in running.job.members if member in (None, m.key)}
        else:
            self._end(running, Exit(job, -15 if how is Stop.TERMINATE else -9, stopped=True))

    def close(self) -> None:
        for running in list(self._running.values()):
            self._end(running, Exit(running.job.id, -9))

    def _step(self, running: _Running, result: PollResult) -> None:
        job = running.job
        try:
            said = running.training.send(running.answer)
        except StopIteration as end:
            self._end(running, Exit(job.id, end.value or 0))
        except MemoryError:
            self._end(running, Exit(job.id, 1, detail="MemoryError", out_of_memory=True))
        except Exception as error:  # a training that raises is a process that crashes
            self._end(running, Exit(job.id, 1, detail=f"{type(error).__name__}: {error}"))
        else:
            self._hear(running, _of_first(job.first, said), result)

    def _hear(self, running: _Running, said: Report | Ended, result: PollResult) -> None:
        key = said.key if isinstance(said, Ended) else TrialKey(said.trial, said.attempt)
        running.answer = key in running.asked
        if key in running.ended:
            return
        if isinstance(said, Ended):
            result.ended.append(said)
            running.ended.add(key)
            return
        result.reports.append(said)
        if key in running.asked:
            result.heard.append(key)
            running.ended.add(key)
            if len(running.job.members) > 1:
                result.ended.append(Ended(key, Outcome.PRUNED))
            else:
                self._end(running, Exit(running.job.id, 0))

    def _end(self, running: _Running, exit: Exit) -> None:
        del self._running[running.job.id]
        running.training.close()
        self._ended.append(exit)


def _of_first(member: Member, said: Said) -> Report | Ended:
    if isinstance(said, tuple):
        step, metrics = said
        return Report(member.key.trial, member.key.attempt, step, dict(metrics))
    return said
