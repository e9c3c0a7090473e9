"""Evenly spaced numbers: the values of a step, and the points of a grid."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise


def decades(low: float, high: float) -> float:
    """How many powers of ten lie between two positive numbers."""
    return math.log10(high) - math.log10(low)


def steps_within(low: float, high: float, step: float) -> int:
    """How many whole steps fit between `low` and `high`.

    Reckoned in decimal, as the numbers print: 0.3 is three steps of 0.1.
    """
    ratio = (_decimal(high) - _decimal(low)) / _decimal(step)
    nearest = round(ratio)
    return nearest if step_value(low, step, nearest) == high else math.floor(ratio)


def step_value(low: float, step: float, index: int) -> float:
    """`low + index · step` in decimal, so that three steps of 0.1 make 0.3."""
    return float(_decimal(low) + index * _decimal(step))


def nearest_step(low: float, step: float, value: float) -> int:
    """The index of the step nearest to `value`."""
    return round((_decimal(value) - _decimal(low)) / _decimal(step))


def _decimal(value: float) -> Decimal:
    return Decimal(str(value))


def spread(count: int, points: int) -> Iterator[int]:
    """At most `points` (≥ 2) evenly spread ones of the indices 0 … count−1, both ends included."""
    if count <= points:
        yield from range(count)
        return
    for i in range(points):
        # The nearest index to i · (count−1) / (points−1), in integers.
        yield (2 * i * (count - 1) + points - 1) // (2 * (points - 1))


def linear_points(low: float, high: float, points: int) -> tuple[float, ...]:
    """`points` (≥ 2) evenly spaced numbers from `low` to `high`."""
    shares = (i / (points - 1) for i in range(1, points - 1))
    return _tidy(low, [low * (1 - share) + high * share for share in shares], high)


def log_points(low: float, high: float, points: int) -> tuple[float, ...]:
    """`points` (≥ 2) numbers from `low` to `high`, evenly spaced in their logarithm."""
    start, span = math.log10(low), decades(low, high)
    shares = (i / (points - 1) for i in range(1, points - 1))
    return _tidy(low, [10 ** (start + span * share) for share in shares], high)


def _tidy(low: float, inner: list[float], high: float) -> tuple[float, ...]:
    """Rounds the inner points to the fewest digits that hardly move them: 0.00316, not 0.0031623.

    Both ends stay as they are. Points that a float cannot tell apart become one.
    """
    exact = [low, *inner, high]
    gaps = [b - a for a, b in pairwise(exact)]
    for digits in range(3, 17):
        rounded = [float(f"{value:.{digits}g}") for value in inner]
        moved = (abs(a - b) for a, b in zip(inner, rounded, strict=True))
        if all(move <= min(gap) / 100 for move, gap in zip(moved, pairwise(gaps), strict=True)):
            inner = rounded
            break
    return tuple(sorted({low, *(min(max(value, low), high) for value in inner), high}))
