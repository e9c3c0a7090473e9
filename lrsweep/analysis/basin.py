"""The landscape over the learning rate: one asymmetric basin for each group of settings.

In the logarithm of the rate the objective falls, bottoms out and rises, more steeply to the right,
until training diverges. A group is a kind of training at one batch size. The model is

    log(excess + unit) = c + a · log(1 + (d / w)²),    d = log10(rate) - m,  w = left or right

where `excess` is the cost above the lowest of the group and `unit` about what separates its better
settings: linear near the bottom, where rates are compared, and logarithmic far above it, where a
loss may be anything. Nothing changes when the objective is shifted or scaled.
`lrsweep.analysis.basin_fit` fits it; this module says what a fitted one tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]

CONFIDENCE = 0.9
# The best rate is at an end of the range where the draws leave it this likely that it lies there or
# beyond; "there" is this near, in decades, and never more than this share of the range.
_LIKELY = 0.15
_NEAR, _NEAR_SHARE = 0.3, 0.08
_SQUEEZED, _SEVERAL = 0.25, 3
# Rates make a difference where shuffled trials seldom look as much like a basin.
_CHANCE = 0.05
# LR sensitivity looks this far around the best rate, in decades (Wortsman et al., 2309.14322).
_AROUND = 1.5
_STEEPEST = 1e6


@dataclass(frozen=True, slots=True)
class Points:
    """The settings of one group: `x[i]` is log10 of a rate, `cost[i]` lower for better.

    `weight[i]` counts the runs behind it. `diverged` are the log10 rates of runs that diverged.
    """

    x: Array
    cost: Array
    weight: Array
    diverged: Array


@dataclass(frozen=True, slots=True)
class Basin:
    """Draws of one group's basin, one value a draw; the i-th of all groups of a fit go together.

    `m` is log10 of the best rate, `left` and `right` the widths in decades, `depth` is a, and
    `bottom` is exp(c): the excess at the best rate plus `unit`. `noise` is the standard deviation
    of one run near the bottom, `chance` how often shuffled trials look as much like a basin, and
    `tried` the lowest and the highest log10 rate of a run that did not diverge.
    """

    m: Array
    left: Array
    right: Array
    depth: Array
    bottom: Array
    noise: float
    chance: float
    lowest: float
    unit: float
    points: int
    tried: tuple[float, float]
    diverged: int

    @property
    def best(self) -> float:
        """log10 of the best rate: the median over the draws."""
        return float(np.median(self.m))

    @property
    def matters(self) -> bool:
        """Whether the rate makes a difference that chance does not explain."""
        return self.chance <= _CHANCE

    def interval(self, confidence: float = CONFIDENCE) -> tuple[float, float]:
        """Where log10 of the best rate lies."""
        tail = (1 - confidence) / 2
        low, high = np.quantile(self.m, (tail, 1 - tail))
        return float(low), float(high)

    def at_edge(self, low: float, high: float) -> tuple[bool, bool]:
        """Whether the best rate may well lie at or beyond the log10 rates `low` and `high`."""
        near = min(_NEAR, _NEAR_SHARE * (high - low))
        below, above = np.mean(self.m < low + near), np.mean(self.m > high - near)
        if not self.matters:
            # What little trains, at the low end, need not differ for the range to be too high.
            left = self.tried[1] - low < _SQUEEZED * (high - low)
            return bool(self.diverged >= _SEVERAL and left and below > _LIKELY), False
        found = max(below, above) > _LIKELY
        return bool(found and below >= above), bool(found and above > below)

    def band(self, reach: float) -> tuple[float, float]:
        """The log10 rates that cost at most `reach` more than the best one, by the median draw."""
        ratio = (1 + reach / self.bottom) ** (1 / np.maximum(self.depth, 0.02)) - 1
        far = np.sqrt(np.minimum(ratio, _STEEPEST))
        low, high = np.median(self.m - self.left * far), np.median(self.m + self.right * far)
        return float(low), float(high)

    def excess(self, x: Array) -> Array:
        """What the log10 rates `x` cost more than the best one, by the median draw."""
        return np.asarray(np.median(self._excess(x), axis=1))

    def cost(self, x: Array) -> Array:
        """The expected cost at the log10 rates `x`."""
        floor = self.lowest + np.median(self.bottom) - self.unit
        return self.excess(x) + floor

    def sensitivity(self, untrained: float) -> float:
        """The mean cost within 1.5 decades of the best rate, above the best: LR sensitivity.

        Costs count at most `untrained` (a cost), as a run that does not learn costs no more.
        """
        floor = self.lowest + float(np.median(self.bottom)) - self.unit
        around = np.linspace(self.best - _AROUND, self.best + _AROUND, 61)
        return float(np.mean(np.minimum(self.excess(around), max(0.0, untrained - floor))))

    def asymmetry(self, factor: float) -> tuple[float, float]:
        """What a rate `factor` times too low, and one as many times too high, cost more."""
        step = float(np.log10(factor))
        low, high = self._excess_at(-step), self._excess_at(step)
        return float(np.median(low)), float(np.median(high))

    def _excess(self, x: Array) -> Array:
        d = x[:, None] - self.m
        width = np.where(d < 0, self.left, self.right)
        return np.asarray(self.bottom * ((1 + (d / width) ** 2) ** self.depth - 1))

    def _excess_at(self, d: float) -> Array:
        width = self.left if d < 0 else self.right
        return np.asarray(self.bottom * ((1 + (d / width) ** 2) ** self.depth - 1))
