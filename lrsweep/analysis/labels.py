"""What a loss curve looks like, in one word: the first thing an eye would say of it.

Curves are measured by the initial loss, by the span that training gained, and by their own noise,
so that the words do not depend on the scale of the loss. The checks come in the order of `Label`;
the first that fits is the answer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from statistics import fmean, median


class Label(StrEnum):
    """The shapes a loss curve can have."""

    DIVERGED = "diverged"
    COLLAPSED = "collapsed"
    TOO_SLOW = "too_slow"
    OSCILLATING = "oscillating"
    SPIKING = "spiking"
    OVERFITTING = "overfitting"
    STILL_IMPROVING = "still_improving"
    PLATEAUED = "plateaued"
    HEALTHY = "healthy"


# Normal noise: its standard deviation over the median |difference| of neighbours, and over the MAD.
_BY_DIFFERENCES = 1.048
_BY_MAD = 1.4826
_LONGEST_WINDOW = 25


def label(
    losses: Sequence[float], validation: Sequence[float] = (), *, initial: float | None = None
) -> Label:
    """The label of a training curve in order of step; `validation` may have steps of its own.

    `initial` is the loss before training. Give it where the first of `losses` is a mean over many
    steps: at a high rate the worst may be over by then. Raises `ValueError` for fewer than two
    losses.
    """
    if len(losses) < 2:
        raise ValueError(f"a curve has two losses or more, got {len(losses)}")
    if not all(map(math.isfinite, losses)):
        return Label.DIVERGED
    scales = _Scales.of(losses, losses[0] if initial is None else initial)
    return (
        _broken(losses, scales)
        or _restless(losses, scales)
        or _overfitting(losses, validation, scales)
        or _trend(losses, scales)
        or Label.HEALTHY
    )


def late_medians(losses: Sequence[float]) -> tuple[float, float]:
    """The medians of the third and of the last quarter of two losses or more."""
    quarter = max(1, len(losses) // 4)
    return median(losses[-2 * quarter : -quarter]), median(losses[-quarter:])


def _second_half(losses: Sequence[float]) -> Sequence[float]:
    return losses[(len(losses) - 1) // 2 :]


def turned_up(validation: Sequence[float], initial: float) -> bool:
    """Whether a curve was lowest well before its end, and ended clearly above that."""
    lowest = min(validation)
    rise = validation[-1] - lowest
    early = validation.index(lowest) < 0.75 * (len(validation) - 1)
    return early and rise > 0.1 * lowest and rise > 0.02 * initial


@dataclass(frozen=True, slots=True)
class _Scales:
    """What a curve is measured by; `noise` is its standard deviation around its own trend."""

    initial: float
    final: float
    best: float
    noise: float

    @classmethod
    def of(cls, losses: Sequence[float], initial: float) -> _Scales:
        n, window = len(losses), max(1, len(losses) // 20)
        differences = [b - a for a, b in pairwise(_second_half(losses))]
        trend = fmean(differences)
        return cls(
            initial=initial,
            final=median(losses[-max(1, n // 10) :]),
            best=min(fmean(losses[i : i + window]) for i in range(n - window + 1)),
            noise=_BY_DIFFERENCES * median(abs(change - trend) for change in differences),
        )

    @property
    def gained(self) -> float:
        return self.initial - self.best

    @property
    def span(self) -> float:
        return max(self.gained, 0.1 * self.initial)


def _broken(losses: Sequence[float], scales: _Scales) -> Label | None:
    if scales.final > 1.5 * scales.initial:
        return Label.DIVERGED
    lost = scales.final - scales.best
    if scales.gained >= 0.2 * scales.initial and lost > 0.5 * scales.gained:
        return Label.DIVERGED if scales.final > 1.2 * scales.initial else Label.COLLAPSED
    if scales.initial - scales.final < 0.1 * scales.initial:
        return Label.COLLAPSED if max(losses) > 1.3 * scales.initial else Label.TOO_SLOW
    return None


def _restless(losses: Sequence[float], scales: _Scales) -> Label | None:
    spikes = _spikes(losses, scales)
    # In few points an uneven fall looks like noise; what swings has risen more than once.
    rises = sum(b > a for a, b in pairwise(_second_half(losses)))
    swings = rises > 1 and scales.noise > 0.15 * scales.span
    if swings or spikes > max(1, 0.05 * len(losses)):
        return Label.OSCILLATING
    return Label.SPIKING if spikes else None


def _spikes(losses: Sequence[float], scales: _Scales) -> int:
    """How many losses, after the first tenth, stand out above their neighbours."""
    reach = min(_LONGEST_WINDOW, max(5, len(losses) // 20)) // 2
    above = [
        loss - median(losses[max(0, i - reach) : i + reach + 1]) for i, loss in enumerate(losses)
    ]
    spread = _BY_MAD * median(map(abs, above))
    least = max(6 * spread, 0.25 * scales.span)
    return sum(height > least for height in above[max(1, len(losses) // 10) :])


def _overfitting(
    losses: Sequence[float], validation: Sequence[float], scales: _Scales
) -> Label | None:
    """Checked before the trend: where both hold, more training is not what is missing."""
    if not validation or not turned_up(validation, scales.initial):
        return None
    before, late = late_medians(losses)
    return Label.OVERFITTING if late <= before else None


def _trend(losses: Sequence[float], scales: _Scales) -> Label | None:
    before, late = late_medians(losses)
    falls, chance = before - late, scales.noise / math.sqrt(max(1, len(losses) // 4))
    if falls > 0.03 * scales.initial and falls > 5.3 * chance:
        return Label.STILL_IMPROVING
    if falls < 0.005 * scales.initial and scales.initial - scales.final < 0.75 * scales.initial:
        return Label.PLATEAUED
    return None
