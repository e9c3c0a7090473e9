"""Landscapes with a known answer: what a loss does over the learning rate, and trials of it.

A landscape gives the expected cost at `d`, log10 of the rate over the best one. `MADE_BY` are the
shapes that the judgement was developed on, `HELD_BACK` those that it was only measured on.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class Shape:
    """`cost(d)`, its minimum at `best` (near 0), and how far above it training diverges."""

    cost: Callable[[Array], Array]
    cliff: float
    best: float


def _shape(cost: Callable[[Array], Array], cliff: float) -> Shape:
    d = np.linspace(-2, 2, 4001)
    return Shape(cost, cliff, float(d[np.argmin(cost(d))]))


def bowl(random: Random) -> Shape:
    left, right = random.uniform(0.7, 2.5), random.uniform(1.5, 8)
    floor = random.uniform(0.03, 0.3)
    return _shape(lambda d: floor * (1 + np.where(d > 0, right, left) * d * d), math.inf)


def saturating(random: Random) -> Shape:
    floor, start = random.uniform(0.02, 0.5), random.uniform(1.5, 4)
    left, right = random.uniform(0.5, 1.4), random.uniform(0.3, 0.8)

    def cost(d: Array) -> Array:
        width = np.where(d > 0, right, left)
        return np.asarray(start - (start - floor) * np.exp(-0.5 * (d / width) ** 2))

    return _shape(cost, random.uniform(0.5, 1.3))


def wedge(random: Random) -> Shape:
    floor, left = random.uniform(0.05, 0.3), random.uniform(0.2, 0.6)
    right = random.uniform(0.5, 1.5)
    return _shape(lambda d: floor + np.where(d > 0, right * d, -left * d), random.uniform(0.7, 2))


def trained(random: Random) -> Shape:
    """Too little training to the left, the noise of large steps to the right."""
    time, floor, power = random.uniform(2, 6), random.uniform(0.02, 0.2), random.uniform(0.6, 1.2)

    def cost(z: Array) -> Array:
        fitted = 2.3 * np.exp(-((10**z) ** power) * time) * (1 - floor)
        return np.asarray(fitted + floor + floor * 10**z * 0.5)

    z = np.linspace(-5, 3, 8001)
    best = float(z[np.argmin(cost(z))])
    return _shape(lambda d: cost(d + best), math.log10(random.uniform(5, 15)) - 0.2)


def flat_bottomed(random: Random) -> Shape:
    floor, left = random.uniform(0.05, 0.3), random.uniform(0.3, 0.8)
    right = random.uniform(0.6, 2)

    def cost(d: Array) -> Array:
        steep = np.where(d > 0, right, left)
        return np.asarray(floor * (1 + steep * (0.6 * d * d + 0.5 * d**4)))

    return _shape(cost, random.uniform(1, 2))


def rounded_wedge(random: Random) -> Shape:
    floor, steep = random.uniform(0.05, 0.5), random.uniform(0.15, 0.6)
    ratio = random.uniform(1.2, 3)

    def cost(d: Array) -> Array:
        return np.asarray(floor + steep * np.log(np.cosh(np.where(d > 0, ratio, 1) * d * 1.5)))

    return _shape(cost, random.uniform(0.6, 1.5))


def error_rate(random: Random) -> Shape:
    top, steep = random.uniform(0.8, 0.99), random.uniform(1.5, 3)

    def cost(d: Array) -> Array:
        rises, falls = 1 + np.exp(-steep * 2 * (d + 1.2)), 1 + np.exp(steep * 3 * (d - 0.8))
        return np.asarray(1 - top / (rises * falls))

    return _shape(cost, math.inf)


MADE_BY = (bowl, saturating, wedge, trained)
HELD_BACK = (flat_bottomed, rounded_wedge, error_rate)


def observe(shape: Shape, at: float, noise: float, x: Array, random: Random) -> Array:
    """Costs of trials at log10 rates `x`, infinite where they diverge, for an optimum at `at`.

    `noise` is a share of the cost.
    """
    d = x - at + shape.best
    costs = shape.cost(d) * (1 + noise * random.standard_normal(len(x)))
    diverged = d > shape.cliff + 0.1 * random.standard_normal(len(x))
    return np.where(diverged, np.inf, costs)


def uniform(
    count: int, low: float, high: float, costs: Callable[[Array], Array], random: Random
) -> tuple[Array, Array]:
    """Log-uniform rates and their costs."""
    x = random.uniform(low, high, count)
    return x, costs(x)


def tpe(
    count: int, low: float, high: float, costs: Callable[[Array], Array], random: Random
) -> tuple[Array, Array]:
    """What a tree-structured Parzen estimator chooses in one dimension, by Optuna's rules.

    Ten uniform trials first; then of 24 rates drawn from the best tenth's density the one whose
    density is highest relative to that of the others.
    """
    x = list(random.uniform(low, high, min(count, 10)))
    y = [float(costs(np.array([one]))[0]) for one in x]
    while len(x) < count:
        order = np.argsort(y, kind="stable")
        good = math.ceil(0.1 * len(x))
        points = np.array(x)
        near, far = (
            _density(points[order[:good]], low, high),
            _density(points[order[good:]], low, high),
        )
        pick = random.integers(len(near[0]), size=24)
        drawn = near[0][pick] + near[1][pick] * random.standard_normal(24)
        drawn = np.clip(drawn, low, high)
        one = float(drawn[np.argmax(_at(drawn, near) / _at(drawn, far))])
        x.append(one)
        y.append(float(costs(np.array([one]))[0]))
    return np.array(x), np.array(y)


def _density(points: Array, low: float, high: float) -> tuple[Array, Array]:
    middle = (low + high) / 2
    centres = np.sort(np.append(points, middle))
    gaps = np.diff(np.concatenate([[low], centres, [high]]))
    least = (high - low) / min(100, 1 + len(centres))
    widths = np.maximum(np.maximum(gaps[:-1], gaps[1:]), least)
    widths[np.argmin(np.abs(centres - middle))] = high - low
    return centres, widths


def _at(x: Array, density: tuple[Array, Array]) -> Array:
    centres, widths = density
    kernels = np.exp(-0.5 * ((x[:, None] - centres) / widths) ** 2) / widths
    return np.asarray(kernels.mean(axis=1))


SAMPLERS = {"random": uniform, "TPE": tpe}
