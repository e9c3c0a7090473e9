"""The fake executor: jobs are generators in this very process, stepped by `poll`.

For tests of what stands above executors. It keeps the whole contract, without a process.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping

from lrsweep.executors.base import PollResult
from lrsweep.scheduler import Exit, Stop
from lrsweep.trial import Job, Report, TrialKey

# Yields (step, metrics) at each report; returns the exit code; None counts as 0.
Training = Generator[tuple[int, Mapping[str, float]], None, int | None]


class InlineExecutor:
    """Runs `train(job)` for every job, one report a poll."""

    def __init__(self, train: Callable[[Job], Training]) -> None:
        self._train = train
        self._running: dict[TrialKey, Training] = {}
        self._asked: set[TrialKey] = set()
        self._ended: list[Exit] = []

    def start(self, job: Job) -> None:
        self._running[job.key] = self._train(job)

    def poll(self, timeout_s: float) -> PollResult:
        result = PollResult(exits=self._ended)
        self._ended = []
        for key, training in list(self._running.items()):
            try:
                step, metrics = next(training)
            except StopIteration as end:
                self._end(key, Exit(key, end.value or 0))
            except MemoryError:
                self._end(key, Exit(key, 1, detail="MemoryError", out_of_memory=True))
            except Exception as error:  # a training that raises is a process that crashes
                self._end(key, Exit(key, 1, detail=f"{type(error).__name__}: {error}"))
            else:
                result.reports.append(Report(key.trial, key.attempt, step, dict(metrics)))
                if key in self._asked:
                    self._end(key, Exit(key, 0, stopped=True))
        result.exits += self._ended
        self._ended = []
        return result

    def stop(self, key: TrialKey, how: Stop) -> None:
        if key not in self._running:
            return
        if how is Stop.ASK:
            self._asked.add(key)
        else:
            self._end(key, Exit(key, -15 if how is Stop.TERMINATE else -9))

    def close(self) -> None:
        for key in list(self._running):
            self._end(key, Exit(key, -9))

    def _end(self, key: TrialKey, exit: Exit) -> None:
        self._running.pop(key).close()
        self._asked.discard(key)
        self._ended.append(exit)
