"""How the best learning rate grows with the batch size: the exponent of a power law, and how sure.

Theory knows two laws: the rate grows as the batch size with SGD until that saturates (Goyal et al.,
1706.02677), and as its square root with Adam and its kin (Malladi et al., 2205.10287).
"""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from statistics import fmean, quantiles

# Trials of one batch size that are needed to say where its best rate lies, and batch sizes to say
# how that moves: the largest so many times the smallest.
_FEWEST_TRIALS = 5
_MOST_TRIALS = 50  # those beyond weigh nothing
_SPAN = 4.0
_RESAMPLES = 400
# Trials count by how near the best they come: less by a factor of e for each such share of it.
_TEMPERATURE = 0.05

# A wider interval tells nothing that a table of the best rates does not.
_WIDEST = 1.2

# The logarithm of a trial's rate, and its objective: lower is better, infinite where it diverged.
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Scaling:
    """The best rate grows as the batch size to the `exponent`; 90 % interval from `low` to `high`.

    `kind` is the kind of training that it holds for, empty where there is one alone.
    """

    kind: str
    exponent: float
    low: float
    high: float

    def allows(self, exponent: float) -> bool:
        """Whether the interval holds this exponent."""
        return self.low <= exponent <= self.high


def scaling(kind: str, by_batch_size: Mapping[float, Sequence[Point]]) -> Scaling | None:
    """The law that the trials of each batch size support; None where they are too few.

    The best rate of a batch size is the mean over its trials in logarithm, weighted by how near
    each comes to the best. The interval is a bootstrap's over the trials, with the best rate
    anywhere between its neighbours. A batch size whose best trial has no worse one on either side
    does not count: its best rate may lie anywhere beyond.
    """
    enough = {
        math.log(size): sorted(points, key=_value)[:_MOST_TRIALS]
        for size, points in by_batch_size.items()
        if sum(math.isfinite(value) for _, value in points) >= _FEWEST_TRIALS and _is_inside(points)
    }
    if len(enough) < 2 or max(enough) - min(enough) < math.log(_SPAN) - 1e-9:
        return None
    random = Random(0)
    drawn = [
        _slope({size: _drawn(points, random) for size, points in enough.items()})
        for _ in range(_RESAMPLES)
    ]
    found = _slope({size: _best_rate(points) for size, points in enough.items()})
    low, *_, high = quantiles(drawn, n=20)
    if high - low > _WIDEST:
        return None
    return Scaling(kind, found, min(found, low), max(found, high))


def _value(point: Point) -> float:
    return point[1]


def _is_inside(points: Sequence[Point]) -> bool:
    best, _ = min(points, key=_value)
    return min(rate for rate, _ in points) < best < max(rate for rate, _ in points)


def _best_rate(points: Sequence[Point]) -> float:
    """The logarithm of the best rate."""
    lowest = min(value for _, value in points)
    scale = _TEMPERATURE * abs(lowest) or 1e-12
    weights = [math.exp(-min(700.0, (value - lowest) / scale)) for _, value in points]
    total = sum(w * rate for w, (rate, _) in zip(weights, points, strict=True))
    return total / sum(weights)


def _drawn(points: Sequence[Point], random: Random) -> float:
    """The best rate of a resample, moved at random within the gap between the rates around it."""
    best = _best_rate(random.choices([p for p in points if math.isfinite(p[1])], k=len(points)))
    rates = sorted({rate for rate, _ in points})
    after = min(max(1, bisect(rates, best)), len(rates) - 1)
    gap = rates[after] - rates[after - 1]
    return best + random.uniform(-gap / 2, gap / 2)


def _slope(located: Mapping[float, float]) -> float:
    """The slope of the line through (log batch size, log rate) by least squares."""
    size, rate = fmean(located), fmean(located.values())
    square = sum((x - size) ** 2 for x in located)
    return sum((x - size) * (y - rate) for x, y in located.items()) / square
