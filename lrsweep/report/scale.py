"""The scale of one axis of a plot, and where its ticks go."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

from lrsweep.analysis.wording import number

_NICE = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Scale:
    """From `low` to `high`, linear or logarithmic (then `low` > 0)."""

    low: float
    high: float
    log: bool = False

    @classmethod
    def around(cls, values: Iterable[float], log: bool = False) -> Self:
        """The scale that spans `values` (at least one, all finite); one value gets some room."""
        found = sorted(values)
        low, high = found[0], found[-1]
        if low < high:
            return cls(low, high, log)
        if log:
            return cls(low / 2, high * 2, log)
        room = abs(low) / 2 or 1.0
        return cls(low - room, high + room)

    def at(self, value: float) -> float:
        """Where `value` lies, 0 (the low end) to 1 (the high end); beyond is clamped."""
        if not self.low < value < self.high:
            return float(value >= self.high)
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def ticks(self, most: int) -> tuple[float, ...]:
        """Round values inside the scale, at most `most`: decades, or steps of 1, 2 or 5."""
        if self.log:
            nice = self._nice_of_each_decade()
            if 1 < len(nice) <= most:
                return nice
            decades = self._decades(max(1, most))
            if len(decades) > 1:
                return decades
        return self._steps(max(1, most))

    def _decades(self, most: int) -> tuple[float, ...]:
        first = math.ceil(math.log10(self.low) - 1e-9)
        last = math.floor(math.log10(self.high) + 1e-9)
        stride = max(1, math.ceil((last - first + 1) / most))
        return tuple(float(f"1e{power}") for power in range(first, last + 1, stride))

    def _nice_of_each_decade(self) -> tuple[float, ...]:
        first = math.floor(math.log10(self.low))
        last = math.ceil(math.log10(self.high))
        values = (nice * 10.0**power for power in range(first, last + 1) for nice in _NICE[:3])
        return tuple(value for value in values if self.low <= value <= self.high)

    def _steps(self, most: int) -> tuple[float, ...]:
        rough = (self.high - self.low) / most
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(nice * power for nice in _NICE if nice * power >= rough * (1 - 1e-9))
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return tuple(count * step for count in range(first, last + 1))


def spelled(ticks: Sequence[float]) -> list[str]:
    """Ticks as labels; evenly spaced ones have the same number of decimals."""
    texts = [number(tick) for tick in ticks]
    gaps = {round(b - a, 12) for a, b in pairwise(ticks)}
    if len(gaps) == 1 and not any("e" in text for text in texts):
        decimals = max(len(text.partition(".")[2]) for text in texts)
        return [f"{tick:.{decimals}f}" for tick in ticks]
    return texts
