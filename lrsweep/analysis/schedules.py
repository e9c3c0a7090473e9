"""Learning-rate schedules: functions of progress, 0 to 1, that multiply the learning rate.

    constant                          the rate as it is
    step:every=0.3:gamma=0.1          times gamma after each share of the training
    exponential:floor=0.01            an even decay on a log scale, down to floor
    linear:floor=0                    a straight line down to floor
    polynomial:power=2:floor=0        (1 - progress) ** power
    cosine:floor=0                    half a cosine (Loshchilov and Hutter, 1608.03983)
    restarts:cycles=3:mult=1:floor=0  cosines, each mult times as long as the one before
    onecycle:peak=0.3:start=0.04:floor=4e-6   up and down by cosines (Smith and Topin, 1708.07120)
    triangular:cycles=4:floor=0.1     up and down in straight lines (Smith, 1506.01186)
    triangular2:cycles=4:floor=0.1    the same, half as high each time
    wsd:decay=0.2:floor=0             stable, then a line down (Hu et al., 2404.06395)
    plateau:factor=0.1:patience=3     times factor when the validation loss no longer falls

One spelling on the command line, in a space and in code: a name, then its settings where they
differ from the ones above. Any of them may have a warm-up in front, a line from 0.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lrsweep.errors import InputError

# Progress, 0 at the first step and 1 after the last, to what multiplies the learning rate.
Shape = Callable[[float], float]


def constant() -> Shape:
    return lambda _: 1.0


def step(every: float = 0.3, gamma: float = 0.1) -> Shape:
    # The little extra keeps 0.7 / 0.1, which is below 7 in floating point, in its place.
    return lambda p: gamma ** math.floor(p / every + 1e-9)


def exponential(floor: float = 0.01) -> Shape:
    return lambda p: floor**p


def polynomial(power: float = 2.0, floor: float = 0.0) -> Shape:
    return lambda p: floor + (1 - floor) * math.pow(1 - p, power)


def linear(floor: float = 0.0) -> Shape:
    return polynomial(1.0, floor)


def cosine(floor: float = 0.0) -> Shape:
    return lambda p: floor + (1 - floor) * (1 + math.cos(math.pi * p)) / 2


def restarts(cycles: float = 3, mult: float = 1.0, floor: float = 0.0) -> Shape:
    within = cosine(floor)
    lengths = [mult**i for i in range(int(cycles))]
    starts = [sum(lengths[:i]) / sum(lengths) for i in range(len(lengths))] + [1.0]

    def shape(p: float) -> float:
        cycle = max(i for i in range(len(lengths)) if starts[i] <= p + 1e-12)
        start, end = starts[cycle], starts[cycle + 1]
        return within(min(1.0, max(0.0, (p - start) / (end - start))))

    return shape


def onecycle(peak: float = 0.3, start: float = 0.04, floor: float = 4e-6) -> Shape:
    up, down = cosine(start), cosine(floor)
    return lambda p: up(1 - p / peak) if p < peak else down((p - peak) / (1 - peak))


def triangular(cycles: float = 4, floor: float = 0.1) -> Shape:
    return _triangles(cycles, floor, shrink=1.0)


def triangular2(cycles: float = 4, floor: float = 0.1) -> Shape:
    return _triangles(cycles, floor, shrink=0.5)


def _triangles(cycles: float, floor: float, shrink: float) -> Shape:
    def shape(p: float) -> float:
        cycle, within = divmod(p * cycles, 1.0)
        return floor + (1 - floor) * (1 - abs(2 * within - 1)) * math.pow(shrink, cycle)

    return shape


def wsd(decay: float = 0.2, floor: float = 0.0) -> Shape:
    down = linear(floor)
    return lambda p: down(max(0.0, (p - (1 - decay)) / decay))


def with_warmup(shape: Shape, share: float) -> Shape:
    """`shape` after a line from 0 up to its start, which takes `share` of the training."""
    if share <= 0:
        return shape
    if share >= 1:  # a line up to the very end
        return lambda p: shape(0) * p
    return lambda p: shape(0) * p / share if p < share else shape((p - share) / (1 - share))


class Plateau:
    """Multiplies by `factor` once a loss has not fallen by `threshold` for `patience` looks.

    As torch's `ReduceLROnPlateau`, but for a loss that is not a number: torch counts that as no
    improvement and cuts the rate in silence; here it is not counted at all.
    """

    def __init__(
        self, factor: float = 0.1, patience: float = 3, threshold: float = 1e-4, floor: float = 0.0
    ) -> None:
        self.multiplier = 1.0
        self.best = math.inf
        self.bad = 0
        self._factor, self._patience = factor, patience
        self._threshold, self._floor = threshold, floor

    def observe(self, loss: float) -> None:
        """Take note of a loss, or of any cost: lower is better, and it may be negative."""
        if math.isnan(loss):
            return
        least = 0.0 if math.isinf(self.best) else self._threshold * abs(self.best)
        if loss < self.best - least:
            self.best, self.bad = loss, 0
            return
        self.bad += 1
        if self.bad > self._patience:
            self.multiplier, self.bad = max(self._floor, self.multiplier * self._factor), 0


SHAPES: Mapping[str, Callable[..., Shape]] = {
    f.__name__: f
    for f in (
        constant,
        step,
        exponential,
        linear,
        polynomial,
        cosine,
        restarts,
        onecycle,
        triangular,
        triangular2,
        wsd,
    )
}
NAMES = (*SHAPES, "plateau")

# What each setting may be, both ends included.
_LIMITS: Mapping[str, tuple[float, float]] = {
    "every": (1e-6, 1.0),
    "gamma": (1e-6, 1.0),
    "floor": (0.0, 1.0),
    "power": (1e-6, 100.0),
    "cycles": (1.0, 1e4),
    "mult": (1.0, 10.0),
    "peak": (1e-6, 1 - 1e-6),
    "start": (0.0, 1.0),
    "decay": (1e-6, 1.0),
    "factor": (1e-6, 1.0),
    "patience": (0.0, 1e6),
    "threshold": (0.0, 1.0),
}
_WHOLE = frozenset({"cycles", "patience"})


@dataclass(frozen=True, slots=True)
class Warmup:
    """A line from 0 at the start of training: a number of `steps`, or else a `share` of it all."""

    share: float = 0.0
    steps: int = 0

    @classmethod
    def parse(cls, text: str | float) -> Warmup:
        """`5%` and `0.05` are shares, `100` is steps, `0` is none. Raises `InputError`."""
        spelled = str(text).strip()
        try:
            value = float(spelled.removesuffix("%")) / (100 if spelled.endswith("%") else 1)
        except ValueError:
            value = math.nan
        if 0 <= value < 1:
            return cls(share=value)
        if value >= 1 and value.is_integer() and not spelled.endswith("%"):
            return cls(steps=int(value))
        raise InputError(
            f"warmup {spelled!r} is neither a share of the training below 1 nor a number of steps",
            hint="warmup=5% or warmup=0.05 or warmup=100",
        )

    def of(self, steps: int) -> float:
        """The share of a training of `steps` steps.

        Its last step has the full rate, however long the warm-up: one of a single step has none.
        """
        return min((steps - 1) / steps, self.steps / steps if self.steps else self.share)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule by name, with the settings that differ from its defaults."""

    name: str
    settings: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Schedule:
        """The schedule in `wsd:decay=0.2`. Raises `InputError` for what it cannot understand."""
        name, *rest = text.strip().split(":")
        if name not in NAMES:
            raise InputError(f"unknown schedule {name!r}; choose one of {', '.join(NAMES)}")
        known = _defaults(name)
        settings: dict[str, float] = {}
        for part in rest:
            key, _, value = part.partition("=")
            if key not in known:
                has = f"it has {', '.join(known)}" if known else "it has none"
                raise InputError(f"schedule {name!r} has no setting {key!r}; {has}")
            settings[key] = _setting(name, key, value)
        return cls(name, settings)

    def __str__(self) -> str:
        return ":".join((self.name, *(f"{k}={v:g}" for k, v in self.settings.items())))

    def shape(self, warmup: float = 0.0) -> Shape:
        """The multiplier by progress after a warm-up of that share; constant for a plateau."""
        make = SHAPES.get(self.name)
        return with_warmup(make(**self.settings) if make else constant(), warmup)

    def plateau(self) -> Plateau | None:
        """What follows the validation loss, for `plateau` alone."""
        return Plateau(**self.settings) if self.name == "plateau" else None

    def by_step(self, steps: int, warmup: Warmup | None = None) -> Callable[[int], float]:
        """The multiplier of optimizer step 0 … `steps`, where `steps` is the whole training."""
        share = warmup.of(steps) if warmup else 0.0
        if self.name == "onecycle" and not share and steps > 2:
            return self._onecycle_by_step(steps)
        shape = self.shape(share)
        return lambda number: shape(min(1.0, number / steps))

    def _onecycle_by_step(self, steps: int) -> Callable[[int], float]:
        """As torch counts: each phase ends one step early, so that the last has the final rate."""
        last = steps - 1
        peak = self.settings.get("peak", _defaults(self.name)["peak"])
        at = min(max((peak * steps - 1) / last, 1e-6), 1 - 1e-6)
        shape = onecycle(**{**self.settings, "peak": at})
        return lambda number: shape(min(1.0, number / last))


def _defaults(name: str) -> dict[str, float]:
    parameters = inspect.signature(SHAPES.get(name, Plateau)).parameters.values()
    return {p.name: p.default for p in parameters}


def _setting(schedule: str, key: str, text: str) -> float:
    # An exponential cannot reach 0.
    low, high = (1e-12, 1.0) if (schedule, key) == ("exponential", "floor") else _LIMITS[key]
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not low <= value <= high or (key in _WHOLE and not value.is_integer()):
        whole = "a whole number" if key in _WHOLE else "a number"
        raise InputError(
            f"schedule {schedule!r}: {key} must be {whole} from {low:g} to {high:g}, got {text!r}"
        )
    return value
