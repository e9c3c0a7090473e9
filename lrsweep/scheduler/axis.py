"""Where reports stand on the budget axis, against which curves are compared and pruned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lrsweep.trial import Report

# Of a curve whose axis turns out not to rise; more of its points change no comparison.
_REMEMBERED = 512


def budget_position(report: Report) -> float:
    """The share of the trial's budget, else the examples seen, else the step."""
    if report.fraction is not None:
        return report.fraction
    return float(report.step if report.examples is None else report.examples)


@dataclass(slots=True)
class CurveAxis:
    """The positions of one attempt's points, which always rise.

    A script may count in a way that repeats or falls (the batch within an epoch, steps to go).
    Its points then count in the order in which they came: all of them stand at their own number,
    1, 2, 3, …, also those from before it was noticed.
    """

    by_arrival: bool = False
    count: int = 0
    last: float = 0.0
    _values: list[float] = field(default_factory=list)

    def add(self, position: float, value: float) -> bool:
        """Take in a point; true where former points have moved to new positions just now."""
        self.count += 1
        moved = not self.by_arrival and self.count > 1 and position <= self.last
        if moved:
            self.by_arrival = True
        if len(self._values) < _REMEMBERED and not self.by_arrival:
            self._values.append(value)
        self.last = float(self.count) if self.by_arrival else position
        return moved

    def former(self) -> Iterator[tuple[float, float]]:
        """The positions and values of the points before the newest, after they have moved."""
        for number, value in enumerate(self._values, 1):
            yield float(number), value
