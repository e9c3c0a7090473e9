"""The axis a learning rate is searched on, and whether a rate lies at its edge."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from lrsweep.analysis.wording import number
from lrsweep.trial import Params, ParamValue

# Shares of the axis. A best rate nearer to the boundary than _EDGE is at the edge; so is one
# nearer than _OUTERMOST with no trial beyond it, since nothing then shows where the good rates end.
_EDGE = 0.05
_OUTERMOST = 0.20
# So many worse trials between the best rate and the boundary show that the space goes far enough.
_BRACKET = 3


class Side(StrEnum):
    """An end of an axis."""

    LOWER = "lower"
    UPPER = "upper"


@dataclass(frozen=True, slots=True)
class RateAxis:
    """One learning rate of the space: a range, or the `values` listed in place of one.

    `label` tells conditional rates apart ("lr@sgd"), `name` is the key in a trial's parameters, and
    `when` the parameter and value under which the rate exists.
    """

    label: str
    name: str
    low: float
    high: float
    log: bool = True
    values: tuple[float, ...] = ()
    when: tuple[str, ParamValue] | None = None

    def rate(self, params: Params) -> float | None:
        """The rate that a trial with `params` took on this axis; None where it took none."""
        if self.when is not None and params.get(self.when[0]) != self.when[1]:
            return None
        value = params.get(self.name)
        return None if isinstance(value, str) or value is None else float(value)

    def position(self, rate: float) -> float:
        """Where `rate` lies: 0 at the low end, 1 at the high end, on the axis's own scale."""
        if self.log:
            return math.log(rate / self.low) / math.log(self.high / self.low)
        return (rate - self.low) / (self.high - self.low)

    def edge(
        self, best: float, level: Sequence[float], worse: Sequence[float], diverged: Sequence[float]
    ) -> Side | None:
        """The side at whose edge the rate `best` lies, or None where it lies inside.

        `level` are the rates of trials about as good as the best, `worse` those of other trials
        that trained, `diverged` of those that diverged. An end beyond which trials diverged, or
        several trained and all did worse, is not where the space ends too early.
        """
        if self.low == self.high or (self.log and best <= 0):
            return None
        at = self.position(best)
        side = Side.LOWER if at < 0.5 else Side.UPPER
        sign = -1 if side is Side.LOWER else 1

        def beyond(rates: Sequence[float]) -> int:
            return sum(sign * rate > sign * best for rate in rates)

        if beyond(diverged) or (side is Side.LOWER and self.low <= 0):
            return None
        if beyond(worse) >= _BRACKET and not beyond(level):
            return None
        gap = min(at, 1 - at)
        outermost = not beyond(level) and not beyond(worse)
        return side if gap <= _EDGE or (outermost and gap <= _OUTERMOST) else None

    def widened(self, side: Side) -> str:
        """This axis in the grammar of the space, a decade (or its own width) wider at `side`."""
        down, up = (side is Side.LOWER), (side is Side.UPPER)
        if self.values:
            step = 10.0 if len(self.values) < 2 else self._spacing(side)
            new = self.low / step if down else self.high * step
            listed = [new, *self.values] if down else [*self.values, new]
            return f"{self.label}={','.join(number(v) for v in listed)}"
        low = self.low / 10 if down else self.low
        grown = self.high * 10 if self.log else 2 * self.high - self.low
        scale = "" if self.log else ":linear"
        return f"{self.label}={number(low)}:{number(grown if up else self.high)}{scale}"

    def lowered(self, below: float) -> str:
        """The three decades below the rate `below`, in the grammar of the space."""
        return f"{self.label}={number(below / 1000, 1)}:{number(below, 2)}"

    def _spacing(self, side: Side) -> float:
        ordered = sorted(self.values)
        a, b = ordered[:2] if side is Side.LOWER else ordered[-2:]
        return b / a if a > 0 else 10.0
