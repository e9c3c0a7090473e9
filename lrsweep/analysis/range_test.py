"""What a learning-rate range test says: where training begins, works best and breaks.

The rate rises at every step, evenly on a log scale, and the loss falls, bottoms out and explodes
(Smith, 1506.01186). No single point of that curve is the best rate; it lies between the valley and
the minimum, so what is given is a bracket. Slopes are taken by the logarithm of the rate.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lrsweep.errors import InputError
from lrsweep.observe.training.smoothing import Smoothed

# A fall counts beyond so many standard deviations of the running mean, and this share of the start.
_BEYOND_NOISE, _LEAST_FALL = 4.0, 0.03
_EARLY = 0.1
_AT_ONCE = 10
_WIDEN = 1.5


@dataclass(frozen=True, slots=True)
class RateRamp:
    """Rates from `low` to `high`, evenly spaced on a log scale over `steps` optimizer steps."""

    low: float
    high: float
    steps: int

    @classmethod
    def parse(cls, text: str) -> RateRamp:
        """The ramp in `LOW:HIGH:STEPS`, as in `1e-6:10:300`. Raises `InputError`."""
        try:
            low, high, steps = text.split(":")
            ramp = cls(float(low), float(high), int(steps))
        except ValueError:
            raise _unclear(text) from None
        if not (0 < ramp.low < ramp.high < math.inf and ramp.steps >= 2):
            raise _unclear(text)
        return ramp

    def rate(self, number: int) -> float:
        """The rate of step 0 … `steps` - 1."""
        share = min(number, self.steps - 1) / (self.steps - 1)
        return self.low * math.pow(self.high / self.low, share)


def _unclear(text: str) -> InputError:
    return InputError(
        f"range test {text!r} must be LOW:HIGH:STEPS with 0 < LOW < HIGH and 2 steps or more",
        hint="1e-6:10:300",
    )


@dataclass(frozen=True, slots=True)
class RangeTest:
    """The findings of a range test over rates that rise.

    `bracket` (low, high) is where to search and `suggestions` are points of the curve by name; both
    are empty where the test supports none, and `problem` then says why. `diverged_at` is the rate
    at which the loss exploded, if it did. `smoothed[i]` belongs to the i-th rate.
    """

    smoothed: tuple[float, ...]
    diverged_at: float | None = None
    problem: str = ""
    bracket: tuple[float, float] | None = None
    suggestions: Mapping[str, float] = field(default_factory=dict)


def analyse(rates: Sequence[float], losses: Sequence[float]) -> RangeTest:
    """What the raw `losses` of the steps at `rates` say; both in order of step.

    Suggestions: `valley`, half way down the longest descent (fastai); `steepest` descent;
    `minimum_tenth`, a tenth of the rate of the lowest loss; `middle`, the bracket's geometric mean.
    """
    if not losses:
        return RangeTest((), problem="no loss was reported")
    running = Smoothed()
    smoothed = []
    for loss in losses:
        smoothed.append(running.add(loss))
        if running.exploded:
            break
    diverged_at = rates[len(smoothed) - 1] if running.exploded else None
    sound = smoothed[:-1] if running.exploded else smoothed
    curve = tuple(smoothed)
    problem = _problem(rates, losses, running, smoothed)
    if problem:
        return RangeTest(curve, diverged_at, problem)
    lowest = rates[min(range(len(sound)), key=sound.__getitem__)]
    valley = rates[_valley(sound)]
    low, high = min(valley, lowest) / _WIDEN, max(valley, lowest) * _WIDEN
    return RangeTest(
        curve,
        diverged_at,
        bracket=(low, high),
        suggestions={
            "valley": valley,
            "steepest": rates[_steepest(rates, sound)],
            "minimum_tenth": lowest / 10,
            "middle": math.sqrt(low * high),
        },
    )


def _problem(
    rates: Sequence[float], losses: Sequence[float], running: Smoothed, smoothed: Sequence[float]
) -> str:
    """Why a test supports no bracket; empty where it does. `smoothed` ends at the explosion."""
    if not math.isfinite(losses[0]):
        return (
            f"the loss was {losses[0]} at the first step, at rate {rates[0]:.2g}: the model, the "
            f"data or the precision is broken before the rate matters"
        )
    steps, sound = len(smoothed), smoothed[:-1] if running.exploded else smoothed
    lowest = min(range(len(sound)), key=sound.__getitem__, default=0)
    least = max(_BEYOND_NOISE * running.noise, _LEAST_FALL * abs(running.initial))
    if lowest > 0 and sound[0] - sound[lowest] > least:
        return "" if running.exploded else "the loss never exploded: the highest rate is too low"
    if not running.exploded:
        return "the loss never fell: no rate of the test learns in so few steps"
    at = rates[steps - 1]
    if steps <= max(_AT_ONCE, _EARLY * len(losses)):
        return f"the loss exploded at once, at rate {at:.2g}: the lowest rate is too high"
    if not math.isfinite(losses[steps - 1]):
        return f"the loss did not fall until it was {losses[steps - 1]}, at rate {at:.2g}"
    return f"the loss never fell before it exploded, at rate {at:.2g}"


def _valley(losses: Sequence[float]) -> int:
    """Half way along the longest run of ever lower losses, others left out, as fastai does it."""
    lengths = [1] * len(losses)
    for i, loss in enumerate(losses):
        longest = max((lengths[j] for j in range(i) if losses[j] > loss), default=0)
        lengths[i] = longest + 1
    end = max(range(len(losses)), key=lengths.__getitem__)
    start = max(0, end - lengths[end])
    third = (end - start) // 3
    return start + third + third // 2


def _steepest(rates: Sequence[float], losses: Sequence[float]) -> int:
    """Where the loss falls fastest by the logarithm of the rate, over a tenth of the curve."""
    reach = max(1, len(losses) // 20)
    ends = [(max(0, i - reach), min(len(losses) - 1, i + reach)) for i in range(len(losses))]
    slopes = [
        (losses[after] - losses[before]) / math.log(rates[after] / rates[before])
        for before, after in ends
    ]
    return min(range(len(slopes)), key=slopes.__getitem__)
