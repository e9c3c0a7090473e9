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
    UNSTABLE = "unstable_validation"
    STILL_IMPROVING = "still_improving"
    PLATEAUED = "plateaued"
    HEALTHY = "healthy"


# Normal noise: its standard deviation over the median |difference| of neighbours, and over the MAD.
_BY_DIFFERENCES = 1.048
_BY_MAD = 1.4826
_LONGEST_WINDOW = 25
# The standard error of a median over that of a mean.
_BY_MEDIAN = 1.25
# Fewer points than these have no windows, do not swing, and show no bend.
_FEWEST_WINDOWED, _FEWEST_SWINGING, _FEWEST_SHAPED = 9, 5, 12
# A straight fall of less than this share of the initial loss was too slow.
_SLOW = 0.45


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
        or _validation(validation, scales)
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
    """Whether a curve was lowest well before its end, and ended clearly above that.

    Windows of the curve are compared by their medians, and must differ by more than three standard
    errors: one lucky or unlucky evaluation turns nothing up (after Prechelt 1998, whose
    generalization loss compares single ones).
    """
    n = len(validation)
    window = 1 if n < _FEWEST_WINDOWED else max(3, n // 10)
    medians = [median(validation[i : i + window]) for i in range(n - window + 1)]
    lowest, last = min(medians), medians[-1]
    early = medians.index(lowest) < 0.75 * (len(medians) - 1)
    error = _BY_MEDIAN * _roughness(validation) * math.sqrt(2 / window) if window > 1 else 0.0
    rise = last - lowest
    return early and rise > max(0.1 * lowest, 0.02 * initial, 3 * error)


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
        return cls(
            initial=initial,
            final=median(losses[-max(1, n // 10) :]),
            best=min(fmean(losses[i : i + window]) for i in range(n - window + 1)),
            noise=_noise(_second_half(losses)),
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


def _validation(validation: Sequence[float], scales: _Scales) -> Label | None:
    """What a validation curve says, whatever the training loss does.

    Checked before the trend: where both hold, more training is not what is missing.
    """
    if not validation:
        return None
    if turned_up(validation, scales.initial):
        return Label.OVERFITTING
    late = _second_half(validation)
    rises = sum(b > a for a, b in pairwise(late))
    swings = len(late) >= _FEWEST_SWINGING and rises > 2
    span = max(validation[0] - min(validation), 0.1 * scales.initial)
    return Label.UNSTABLE if swings and _noise(late) > 0.1 * span else None


def _noise(values: Sequence[float]) -> float:
    """The standard deviation around the trend, from the differences of neighbours."""
    differences = [b - a for a, b in pairwise(values)]
    if not differences:
        return 0.0
    trend = fmean(differences)
    return _BY_DIFFERENCES * median(abs(change - trend) for change in differences)


def _roughness(values: Sequence[float]) -> float:
    """The standard deviation around a smooth curve, from second differences."""
    bends = [abs(a - 2 * b + c) for a, b, c in zip(values, values[1:], values[2:], strict=False)]
    return median(bends) / (0.6745 * math.sqrt(6)) if bends else 0.0


def _quarters(losses: Sequence[float]) -> list[float]:
    """The medians of the four quarters of four losses or more."""
    n = len(losses)
    return [median(losses[i * n // 4 : (i + 1) * n // 4]) for i in range(4)]


def _is_straight(losses: Sequence[float], chance: float) -> bool:
    """Whether a curve falls all along at one pace, as at a rate that is too low."""
    if len(losses) < _FEWEST_SHAPED:
        return False
    drops = [a - b for a, b in pairwise(_quarters(losses))]
    return min(drops) > max(0.0, 2 * chance) and max(drops) < 1.5 * min(drops) + 2 * chance


def _dropped_late(losses: Sequence[float], chance: float) -> bool:
    """Whether a curve fell faster in the end, as a schedule makes it do that lowers the rate.

    It falls more from the third quarter to the last than before, or within the last quarter it
    falls and then stays: what it would do with more training, it does not say.
    """
    if len(losses) < _FEWEST_SHAPED:
        return False
    quarters = _quarters(losses)
    earlier, last = quarters[1] - quarters[2], quarters[2] - quarters[3]
    if last > 1.3 * max(0.0, earlier) + 2 * chance:
        return True
    eighth = max(3, len(losses) // 8)
    before, after = _slope(losses[-2 * eighth : -eighth]), _slope(losses[-eighth:])
    error = _slope_error(chance, eighth, len(losses))
    return before < -4 * error and after > 0.5 * before


def _slope_error(chance: float, points: int, of: int) -> float:
    """The standard error of the slope of so many `points`, from that of a quarter's median."""
    return chance * math.sqrt(of / 4) * math.sqrt(12 / points**3)


def _slope(values: Sequence[float]) -> float:
    """The change from one value to the next, by least squares."""
    middle = (len(values) - 1) / 2
    square = math.fsum((i - middle) ** 2 for i in range(len(values)))
    return math.fsum((i - middle) * value for i, value in enumerate(values)) / square


def _trend(losses: Sequence[float], scales: _Scales) -> Label | None:
    before, late = late_medians(losses)
    falls, chance = before - late, scales.noise / math.sqrt(max(1, len(losses) // 4))
    if _is_straight(losses, chance) and scales.initial - scales.final < _SLOW * scales.initial:
        return Label.TOO_SLOW
    if falls > 0.03 * scales.initial and falls > 5.3 * chance:
        return None if _dropped_late(losses, chance) else Label.STILL_IMPROVING
    if falls < 0.005 * scales.initial and scales.initial - scales.final < 0.75 * scales.initial:
        return Label.PLATEAUED
    return None
