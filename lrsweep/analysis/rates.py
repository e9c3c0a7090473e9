"""The axis a learning rate is searched on, and its grammar when it is to be widened."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from lrsweep.analysis.wording import number
from lrsweep.trial import Params, ParamValue


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
