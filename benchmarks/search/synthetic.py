"""Families of trainings with a known truth: basins, cliffs, confounders, noise."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from benchmarks.search.task import Floats, Point, Task, number
from lrsweep.space import Choice, Float, Int, Parameter, Space
from lrsweep.trial import Direction

_REPORTS = 25
_SHARES = np.arange(1, _REPORTS + 1) / _REPORTS
# Of each family the first are tuned on.
_INSTANCES, _TUNED_ON = 4, 2
_OPTIMUM = {"sgd": -1.0, "momentum": -2.0, "adam": -3.0}
_FAMILIES = {
    "rate": ("lr=1e-5:10",),
    "optimizer": ("lr=1e-5:10", "optimizer=sgd,momentum,adam", "batch_size=16:512:pow2"),
    "conditional": (
        "optimizer=sgd,adam",
        "lr@sgd=1e-3:10",
        "lr@adam=1e-5:1e-1",
        "momentum@sgd=0:0.99",
        "weight_decay=1e-6:1e-1",
    ),
    "noisy": ("lr=1e-4:1", "batch_size=32,64,128"),
    "wide": (
        "lr=1e-5:1",
        "weight_decay=1e-6:1",
        "momentum=0.5:0.99",
        "dropout=0:0.6",
        "warmup=0:0.3",
        "width=16:512:int:log",
        "batch_size=16:512:pow2",
        "label_smoothing=0:0.3",
    ),
    "accuracy": ("lr=1e-5:1", "optimizer=momentum,adam", "batch_size=16:512:pow2"),
}


def synthetic() -> Iterator[Task]:
    """Four instances of every family."""
    for family, space in _FAMILIES.items():
        for instance in range(_INSTANCES):
            made = _Training(family, Space.parse(space), instance)
            yield Task(
                f"synthetic {family} {instance}",
                Space.parse(space),
                Direction.MAXIMIZE if family == "accuracy" else Direction.MINIMIZE,
                made.curve,
                made.truth,
                instance < _TUNED_ON,
                "synthetic",
            )


class _Training:
    """A loss that falls from `l0` to a floor that its parameters raise.

    Below its optimum the rate is too small: the floor is higher and is reached late. Above it,
    training is fast at first and ends higher, and beyond a cliff it diverges. So early values
    mislead as they do in practice: high rates lead at first.
    """

    def __init__(self, family: str, space: Space, instance: int) -> None:
        rng = np.random.default_rng([instance, sum(map(ord, family))])
        self._family = family
        self._shift = rng.normal(0, 0.7)
        self._of_optimizer = {name: rng.normal(0, 0.4) for name in _OPTIMUM}
        self._handicap = {name: rng.uniform(0, 0.25) for name in _OPTIMUM}
        self._exponent = float(rng.choice([0.0, 0.5, 1.0]))
        self._noise = 0.08 if family == "noisy" else rng.uniform(0.005, 0.02)
        self._below, self._above = rng.uniform(0.15, 0.5), rng.uniform(0.2, 0.8)
        self._cliff = rng.uniform(0.5, 1.5)
        self._floor, self._start = rng.uniform(0.05, 0.5), 2.3
        self._others = {
            p.name: (rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.8)) for p in space.parameters
        }
        self._low = {p.label: p for p in space.parameters}
        self._space = space

    def _distance(self, point: Point) -> float:
        """Decades from the best rate of these other parameters."""
        optimizer = str(point.get("optimizer", "momentum"))
        at = math.log10(number(point, "lr"))
        best = _OPTIMUM[optimizer] + self._shift + self._of_optimizer[optimizer]
        if "batch_size" in point:
            best += self._exponent * math.log10(number(point, "batch_size") / 64)
        if "momentum" in point:
            best += math.log10(1 - number(point, "momentum")) + 1
        return at - best

    def _penalty(self, point: Point) -> float:
        """What all parameters but the rate add, on a log scale."""
        total = self._handicap.get(str(point.get("optimizer", "")), 0.0)
        for parameter in self._space.active(dict(point)):
            if parameter.name in ("lr", "optimizer", "momentum"):
                continue
            centre, weight = self._others[parameter.name]
            value, low, high = number(point, parameter.name), *_ends(parameter)
            log = low > 0 and high / low > 20
            part = (
                math.log(value / low) / math.log(high / low)
                if log
                else (value - low) / (high - low)
            )
            total += weight * (part - centre) ** 2
        return total

    def _log_final(self, point: Point) -> float:
        distance = self._distance(point)
        slope = self._below if distance < 0 else self._above
        rise = slope * distance**2 / (1 + 0.3 * abs(distance))
        return math.log(self._floor) + rise + self._penalty(point)

    def _diverges(self, point: Point) -> bool:
        return self._distance(point) > self._cliff

    def truth(self, point: Point) -> float:
        if self._diverges(point):
            return math.inf
        value = min(math.exp(self._log_final(point)), self._start)
        return -(1 - value / self._start) if self._family == "accuracy" else value

    def curve(self, point: Point, rng: np.random.Generator) -> Floats:
        distance = self._distance(point)
        final = min(self._log_final(point), math.log(self._start))
        speed = 3.0 * 10 ** (0.5 * min(max(distance, -4.0), 1.0))
        falling = (1 - np.exp(-speed * _SHARES)) / (1 - math.exp(-speed))
        # Above the optimum the noise floor keeps the loss up until the schedule has decayed.
        held = 0.25 * max(distance, 0.0) * (1 - _SHARES) ** 0.5
        logs = math.log(self._start) + falling * (final - math.log(self._start)) + held
        offset = self._noise * rng.standard_normal()
        logs = np.minimum(logs, math.log(2 * self._start))
        logs = logs + offset + 0.5 * self._noise * rng.standard_normal(_REPORTS)
        values: Floats = np.exp(logs)
        if self._diverges(point):
            begins = int(rng.integers(0, 8))
            values[begins:] = np.inf
        if self._family == "accuracy":
            values = np.where(np.isfinite(values), 1 - values / self._start, -np.inf)
        return values


def _ends(parameter: Parameter) -> tuple[float, float]:
    match parameter:
        case Float(low=low, high=high) | Int(low=low, high=high):
            return float(low), float(high)
        case Choice(values=values):
            numbers = [float(v) for v in values if isinstance(v, int | float)]
            return min(numbers), max(numbers)
    raise AssertionError("nothing is fixed here")
