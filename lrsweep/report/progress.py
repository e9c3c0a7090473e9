"""How far a running sweep is: what runs, what ended, the best so far, and the pace."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from lrsweep.trial import Direction, Outcome, Params, TrialRow

REMEMBERED = 16


@dataclass(slots=True)
class RunningTrial:
    """A trial that runs: `fraction` of its budget spent, 0 to 1, and its last objective values."""

    number: int
    params: Params
    slot: str
    step: int | None = None
    fraction: float | None = None
    values: deque[float] = field(default_factory=lambda: deque(maxlen=REMEMBERED))


class Progress:
    """What the views show of a study that is to have `total` trials in the end.

    `before` are the trials of earlier runs; `clock` gives seconds and never goes back.
    """

    def __init__(
        self,
        direction: Direction,
        *,
        total: int,
        clock: Callable[[], float],
        before: Iterable[TrialRow] = (),
    ) -> None:
        self.total = total
        self.best: TrialRow | None = None
        self.running: dict[int, RunningTrial] = {}
        self.ended: dict[int, Outcome] = {}
        self.rows: dict[int, TrialRow] = {}
        self.direction = direction
        self._clock = clock
        self._start = clock()
        for row in before:
            self.end(row)
        # When each trial of this run ended, and how many ran side by side when the first did.
        self._ends: list[float] = []
        self._first_round = 0

    def start(self, number: int, params: Params, slot: str) -> None:
        """A trial begins; one that is tried again counts as not ended."""
        self.ended.pop(number, None)
        self.rows.pop(number, None)
        self.running[number] = RunningTrial(number, params, slot)

    def report(self, number: int, step: int, value: float | None, fraction: float | None) -> None:
        """A report of a running trial; reports of others come too late and are left out."""
        trial = self.running.get(number)
        if trial is None:
            return
        trial.step, trial.fraction = step, fraction
        if value is not None and math.isfinite(value):
            trial.values.append(value)

    def end(self, row: TrialRow) -> bool:
        """A trial ended; whether it is the best so far."""
        if self.running.pop(row.number, None) is not None:
            self._first_round = self._first_round or len(self.running) + 1
            self._ends.append(self._clock())
        if row.outcome is not None:
            self.ended[row.number] = row.outcome
            self.rows[row.number] = row
        if row.outcome is not Outcome.COMPLETED or row.value is None:
            return False
        if not math.isfinite(row.value):
            return False
        held = self.best.value if self.best is not None else None
        if held is not None and not self.direction.better(row.value, held):
            return False
        self.best = row
        return True

    def counts(self) -> Counter[Outcome]:
        """Ended trials by outcome."""
        return Counter(self.ended.values())

    @property
    def elapsed_s(self) -> float:
        return self._clock() - self._start

    @property
    def expected(self) -> int:
        """How many trials there are to be: more than `total` where some that broke are made up."""
        return max(self.total, len(self.ended) + len(self.running))

    @property
    def done(self) -> float:
        """Trials that ended, and the shares of those that run."""
        return len(self.ended) + sum(t.fraction or 0.0 for t in self.running.values())

    @property
    def remaining_s(self) -> float | None:
        """Seconds that the trials left will take at this run's pace; None before it is known.

        The first trials are left out, one for each that ran side by side: they pay for imports and
        caches that later ones find ready.
        """
        counted = len(self._ends) - self._first_round
        if counted <= 0:
            return None
        pace = (self._ends[-1] - self._ends[self._first_round - 1]) / counted
        return max(0.0, self.total - self.done) * pace
