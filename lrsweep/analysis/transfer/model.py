"""How the best learning rate moves with the scales of a run.

log best rate = constant + Σ exponent · log scale + a smooth departure + scatter,

a Gaussian process with a linear mean (Rasmussen and Williams 2006, section 2.7), given the basin of
each cell as an observation with its own variance. Exponents are drawn towards zero, that is towards
keeping the rate; neighbouring cells share their departure, so that many batch sizes at one model
size do not count as many model sizes. Far beyond the cells a prediction returns to the linear law,
with the spread of the departure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from lrsweep.analysis.transfer.basins import Basins, find_basins
from lrsweep.analysis.transfer.cells import Cell

Array = NDArray[np.float64]

# Prior spread of the constant and of an exponent. Known laws lie between -1 and 1.
_CONSTANT, _EXPONENT = 3.0, 0.7
# Natural logs of a scale over which the departure from the linear law is one and the same.
_LENGTH = 1.5
# Departure and scatter: what is expected of their logs, and how surely.
_DEPARTURE, _SCATTER, _SURE = math.log(0.25), math.log(0.15), 0.7
_Z90 = 1.6448536269514722
_FEWEST_CELLS = 2


@dataclass(frozen=True, slots=True)
class Exponent:
    """The power of a scale by which the best rate goes, with a 90 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """The best rate at some scales, with a 90 % interval.

    `beyond` says of each scale how many times it lies beyond the cells: 4 is four times the
    largest of them or a quarter of the smallest, 1 is inside.
    """

    rate: float
    low: float
    high: float
    beyond: Mapping[str, float]


class Transfer:
    """The law, fitted; get one from `fit_transfer`. Scales are given by name, as they are."""

    def __init__(self, names: Sequence[str], basins: Basins) -> None:
        self.names = tuple(names)
        self.cells = basins.cells
        logs = np.array([[math.log(cell.scales[name]) for name in names] for cell in self.cells])
        self._logs = logs
        self._centre = logs.mean(axis=0)
        self._x = logs - self._centre
        self._h = np.c_[np.ones(len(logs)), self._x]
        self._prior = np.diag([_CONSTANT**2] + [_EXPONENT**2] * len(self.names))
        self._mean = float(basins.means.mean())
        self._y = basins.means - self._mean
        self._own = basins.variances
        self._departure, self._scatter = self._spreads()
        self._inverse = np.linalg.inv(self._covariance(self._departure, self._scatter))

    def at(self, scales: Mapping[str, float]) -> Prediction:
        """The prediction for one run."""
        mean, variance = self.moments(scales)
        spread = _Z90 * math.sqrt(variance)
        return Prediction(
            math.exp(mean), math.exp(mean - spread), math.exp(mean + spread), self._beyond(scales)
        )

    def moments(self, scales: Mapping[str, float]) -> tuple[float, float]:
        """Mean and variance of the log of the best rate of one run."""
        x, h = self._position(scales)
        k = self._between(x, h)
        own = h @ self._prior @ h + self._departure**2 + self._scatter**2
        return self._mean + float(k @ self._inverse @ self._y), float(own - k @ self._inverse @ k)

    def exponents(self) -> dict[str, Exponent]:
        """The power of each scale."""
        gain = self._prior @ self._h.T @ self._inverse
        values = gain @ self._y
        spreads = _Z90 * np.sqrt(np.diag(self._prior - gain @ self._h @ self._prior))
        return {
            name: Exponent(float(v), float(v - s), float(v + s))
            for name, v, s in zip(self.names, values[1:], spreads[1:], strict=True)
        }

    def variance_with(
        self, cell: Mapping[str, float], own: float, at: Mapping[str, float]
    ) -> float:
        """The variance at the scales `at` if the best rate at `cell` were known to variance `own`.

        Whatever that rate would be: the variance of a Gaussian process does not depend on it.
        """
        (x, h), (x_at, h_at) = self._position(cell), self._position(at)
        k, k_at = self._between(x, h), self._between(x_at, h_at)
        distance = float(((x - x_at) ** 2).sum())
        between = float(h @ self._prior @ h_at) + self._shared(distance)
        left = between - float(k @ self._inverse @ k_at)
        _, at_cell = self.moments(cell)
        _, before = self.moments(at)
        return before - left**2 / (at_cell + own)

    def _position(self, scales: Mapping[str, float]) -> tuple[Array, Array]:
        x = np.array([math.log(scales[name]) for name in self.names]) - self._centre
        return x, np.r_[1.0, x]

    def _between(self, x: Array, h: Array) -> Array:
        distances = ((self._x - x) ** 2).sum(axis=1)
        shared = self._departure**2 * np.exp(-0.5 * distances / _LENGTH**2)
        return np.asarray(self._h @ self._prior @ h + shared)

    def _shared(self, distance: float) -> float:
        return float(self._departure**2 * math.exp(-0.5 * distance / _LENGTH**2))

    def _covariance(self, departure: float, scatter: float) -> Array:
        distances = ((self._x[:, None, :] - self._x[None, :, :]) ** 2).sum(axis=2)
        linear = self._h @ self._prior @ self._h.T
        smooth = departure**2 * np.exp(-0.5 * distances / _LENGTH**2)
        return np.asarray(linear + smooth + np.diag(self._own + scatter**2))

    def _spreads(self) -> tuple[float, float]:
        """Departure and scatter where the basins are likeliest, drawn towards what is expected."""

        def unlikely(logs: Array) -> float:
            root = np.linalg.cholesky(self._covariance(math.exp(logs[0]), math.exp(logs[1])))
            white = np.linalg.solve(root, self._y)
            expected = np.array([_DEPARTURE, _SCATTER])
            prior = 0.5 * float((((logs - expected) / _SURE) ** 2).sum())
            return float(0.5 * white @ white + np.log(np.diag(root)).sum()) + prior

        start = np.array([_DEPARTURE, _SCATTER])
        found = minimize(unlikely, start, method="Nelder-Mead", options={"maxiter": 80})
        return math.exp(found.x[0]), math.exp(found.x[1])

    def _beyond(self, scales: Mapping[str, float]) -> dict[str, float]:
        beyond = {}
        for index, name in enumerate(self.names):
            low, high = self._logs[:, index].min(), self._logs[:, index].max()
            x = math.log(scales[name])
            beyond[name] = math.exp(max(0.0, x - high, low - x))
        return beyond


def fit_transfer(cells: Sequence[Cell], names: Sequence[str]) -> Transfer | None:
    """The law over the scales `names`; None where fewer than two cells have four rates each."""
    basins = find_basins(cells)
    if basins is None or len(basins.cells) < _FEWEST_CELLS:
        return None
    return Transfer(names, basins)
