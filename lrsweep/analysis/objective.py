"""The one number that a trial is judged by, out of the curve of its objective."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from statistics import fmean
from typing import Literal

from lrsweep.trial import Direction

# Which value of a curve counts: its last, its best, or the mean of its last `TAIL`.
Rule = Literal["last", "best", "tail"]
TAIL = 5


@dataclass(slots=True)
class _Pass:
    """What one training of a trial, or one fold of it, has said so far."""

    points: int = 0
    last: float = math.nan
    best: float = math.nan
    best_step: int = 0
    tail: deque[float] = field(default_factory=lambda: deque(maxlen=TAIL))

    def value(self, rule: Rule) -> float:
        if rule == "tail":
            return fmean(self.tail)
        return self.best if rule == "best" else self.last


class Objective:
    """The objective of one trial, fed point by point in order of arrival.

    Where the training runs in folds, it is the mean over them. Epochs that began again count as
    folds where every pass had as many points; otherwise the last pass counts.
    """

    def __init__(self, rule: Rule, direction: Direction) -> None:
        self._rule = rule
        self._direction = direction
        self._passes: dict[int, _Pass] = {}
        self._named = False

    def add(self, value: float, step: int, fold: int | None = None, *, named: bool = False) -> None:
        """The next point of the curve."""
        self._named = self._named or named
        one = self._passes.setdefault(fold or 1, _Pass())
        one.points += 1
        one.last = value
        one.tail.append(value)
        if math.isnan(one.best) or self._direction.better(value, one.best):
            one.best, one.best_step = value, step

    def reset(self) -> None:
        """Nothing that was added holds any more."""
        self._passes.clear()

    @property
    def value(self) -> float | None:
        """The number that counts; None where there is no point."""
        values = [one.value(self._rule) for one in self._counted]
        return fmean(values) if values else None

    @property
    def folds(self) -> int:
        """How many folds the value is the mean over; 0 where there are none."""
        return len(self._counted) if len(self._passes) > 1 and len(self._counted) > 1 else 0

    @property
    def sentence(self) -> str:
        """What people should know of the value; empty where it is what they would expect."""
        if len(self._passes) < 2:
            return ""
        times = "once" if len(self._passes) == 2 else f"{len(self._passes) - 1} times"
        if not self.folds:
            return f"its epochs began again {times}: the last pass counts"
        mean = f"the mean over {self.folds} folds"
        return mean if self._named else f"its epochs began again {times}, read as folds: {mean}"

    @property
    def better_earlier(self) -> tuple[float, int] | None:
        """The best value and its step where it is better than the one that counts."""
        value = self.value
        if value is None or len(self._passes) != 1:
            return None
        (one,) = self._passes.values()
        return (one.best, one.best_step) if self._direction.better(one.best, value) else None

    @property
    def _counted(self) -> list[_Pass]:
        passes = list(self._passes.values())
        even = len({one.points for one in passes}) <= 1
        return passes if self._named or even else passes[-1:]
