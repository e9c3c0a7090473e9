"""The range test: rates that rise at every step, and the end of the process.

Every group's rate is set before each step, whatever the script's schedule has set: the largest to
the ramp's, the others in proportion to what they were planned to be.
"""

from __future__ import annotations

import math
from typing import Any

from .smoothing import Smoothed


class Ramp:
    """Rates from `low` to `high`, evenly spaced on a log scale over `steps` optimizer steps."""

    def __init__(self, text: str) -> None:
        low, high, steps = text.split(":")
        self.low, self.high, self.steps = float(low), float(high), int(steps)
        self.ended = ""
        self._number = 0
        self._planned: dict[int, list[float]] = {}
        self._smoothed = Smoothed()

    @property
    def rate(self) -> float:
        """The rate of the step to come."""
        share = min(self._number, self.steps - 1) / max(1, self.steps - 1)
        return self.low * math.pow(self.high / self.low, share)

    def set_rates(self, optimizer: Any) -> None:
        """Give the groups of `optimizer` the rates of the step to come."""
        groups = optimizer.param_groups
        planned = self._planned.get(id(optimizer))
        if planned is None or len(planned) != len(groups):
            planned = self._planned[id(optimizer)] = [_planned_rate(g) for g in groups]
        largest = max((rate for rates in self._planned.values() for rate in rates), default=0.0)
        for group, rate in zip(groups, planned, strict=False):
            _set(group, self.rate * (rate / largest if largest else 1.0))

    def judge(self, loss: float | None) -> None:
        """The loss of a step of the main optimizer; `ended` says whether it has exploded."""
        if loss is not None:
            self._smoothed.add(loss)
            if self._smoothed.exploded:
                self.ended = "exploded"

    def stepped(self) -> None:
        """A step of the main optimizer ended; `ended` says whether it was the last."""
        self._number += 1
        if self._number >= self.steps:
            self.ended = self.ended or "done"


def _planned_rate(group: Any) -> float:
    """What the script means the group's rate to be; a warm-up may begin at 0."""
    rate = group.get("max_lr", group.get("initial_lr", group.get("lr", 0.0)))
    return float(rate)


def _set(group: Any, rate: float) -> None:
    now = group.get("lr")
    if hasattr(now, "fill_"):
        now.fill_(rate)
    elif now is not None:
        group["lr"] = rate
