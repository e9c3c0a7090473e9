"""One tuning problem: a space, the curve of a training, and how good its truth is."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lrsweep.space import Choice, Fixed, Float, Int, Space
from lrsweep.trial import Direction, ParamValue

Point = Mapping[str, ParamValue]
Floats = NDArray[np.float64]
_POOL = 3000


@dataclass(frozen=True)
class Task:
    """A tuning problem.

    `curve` gives what a training reports at equal shares of its budget, the last at its end; it
    ends with a value that is not finite where the training diverges. `truth` is the expected final
    value as a loss, infinite where it diverges; ranks and excess are measured in it.
    """

    name: str
    space: Space
    direction: Direction
    curve: Callable[[Point, np.random.Generator], Floats]
    truth: Callable[[Point], float]
    tuned_on: bool
    family: str = ""
    pool_seed: int = 0
    _cache: dict[str, Floats] = field(default_factory=dict, repr=False)

    @cached_property
    def pool(self) -> Floats:
        """True losses of random points of the space, ascending."""
        rng = np.random.default_rng([self.pool_seed, 77])
        return np.sort([self.truth(random_point(self.space, rng)) for _ in range(_POOL)])

    def rank(self, truth: float) -> float:
        """The share of the space that is better, in %."""
        return 100.0 * float(np.searchsorted(self.pool, truth, side="left")) / _POOL

    def excess(self, truth: float) -> float:
        """How far from the best to the median of the space, 0 to 1 and more."""
        best, middle = float(self.pool[0]), float(self.pool[_POOL // 2])
        if not math.isfinite(middle):
            finite = self.pool[np.isfinite(self.pool)]
            middle = float(finite[-1])
        if not math.isfinite(truth):
            return 1.0
        return min(max(truth - best, 0.0) / max(middle - best, 1e-12), 1.0)


def number(point: Point, name: str) -> float:
    """The number that `point` holds under `name`."""
    value = point[name]
    assert isinstance(value, int | float)
    return float(value)


def random_point(space: Space, rng: np.random.Generator) -> dict[str, ParamValue]:
    """A point of `space`, each parameter uniform on its own scale."""
    point: dict[str, ParamValue] = {}
    for parameter in space.ordered():
        if parameter not in space.active(point):
            continue
        match parameter:
            case Choice(values=values):
                point[parameter.name] = values[int(rng.integers(len(values)))]
            case Fixed(value=value):
                point[parameter.name] = value
            case Float(low=low, high=high, log=log):
                point[parameter.name] = parameter.snap(_between(low, high, log, rng))
            case Int(low=low, high=high, log=log, pow2=pow2):
                value = _between(low, high, log or pow2, rng)
                point[parameter.name] = parameter.snap(value)
    return point


def _between(low: float, high: float, log: bool, rng: np.random.Generator) -> float:
    if log:
        return float(np.exp(rng.uniform(np.log(low), np.log(high))))
    return float(rng.uniform(low, high))
