"""Trials grouped by the scales of their run."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lrsweep.trial import Direction, Outcome, Params


@dataclass(frozen=True, slots=True)
class Cell:
    """The trials of one combination of scales: `rates[i]` ↔ `losses[i]`.

    Losses are smaller where better whatever the direction of the objective; a trial that diverged
    has `inf`. `cost` is the mean seconds of a trial, NaN where it is not known.
    """

    scales: Mapping[str, float]
    rates: tuple[float, ...]
    losses: tuple[float, ...]
    cost: float = math.nan

    def best_rate(self) -> float:
        """The rate of the smallest loss."""
        return self.rates[self.losses.index(min(self.losses))]

    def loss_at(self, rate: float) -> float:
        """The loss at `rate`, interpolated over the log of the rate; outside the rates that were
        tried, that at the nearest of them."""
        points = sorted((math.log(r), v) for r, v in zip(self.rates, self.losses, strict=True))
        x = math.log(rate)
        if x <= points[0][0] or x >= points[-1][0]:
            return points[0][1] if x <= points[0][0] else points[-1][1]
        for (a, low), (b, high) in itertools.pairwise(points):
            if a <= x <= b and b > a:
                return low + (high - low) * (x - a) / (b - a)
        return points[-1][1]


def cells_of(
    trials: Iterable[tuple[Params, Outcome, float | None, float | None]],
    *,
    names: Sequence[str],
    rate: str,
    direction: Direction,
) -> list[Cell]:
    """The cells of `trials`, each its parameters, outcome, objective and seconds.

    `names` are the scales, `rate` the learning rate's name. A trial that lacks one of them as a
    number above zero is left out, as is one that neither completed nor diverged.
    """
    sign = 1.0 if direction is Direction.MINIMIZE else -1.0
    found: dict[tuple[float, ...], list[tuple[float, float, float | None]]] = {}
    for params, outcome, value, seconds in trials:
        numbers = [_positive(params.get(name)) for name in (rate, *names)]
        if any(number is None for number in numbers):
            continue
        lr, *scales = (number for number in numbers if number is not None)
        if outcome is Outcome.DIVERGED:
            loss = math.inf
        elif outcome is Outcome.COMPLETED and value is not None and math.isfinite(value):
            loss = sign * value
        else:
            continue
        found.setdefault(tuple(scales), []).append((lr, loss, seconds))
    return [
        Cell(
            dict(zip(names, scales, strict=True)),
            tuple(lr for lr, _, _ in runs),
            tuple(loss for _, loss, _ in runs),
            _mean([s for _, loss, s in runs if s is not None and math.isfinite(loss)]),
        )
        for scales, runs in sorted(found.items())
    ]


def _positive(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        return None
    return float(value)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else math.nan
