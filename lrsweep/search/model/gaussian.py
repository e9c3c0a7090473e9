"""A Gaussian process over points of a space: fitted to a few dozen results, in milliseconds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lrsweep.search.model.encoding import Features

Floats = NDArray[np.float64]

# Priors of the logarithm of each hyperparameter: mean and standard deviation. A rate's length is
# about a decade; other parameters matter less, and the less the more of them there are.
_RATE_LENGTH = (0.0, 0.4)
_CATEGORY_LENGTH = (0.7, 0.7)
_SIGNAL = (0.0, 0.5)
_NOISE = (math.log(0.15), 0.8)
_JITTER = 1e-8


@dataclass(slots=True)
class _Prior:
    mean: Floats
    sd: Floats


class GaussianProcess:
    """Matérn-5/2, a length for each feature, constant mean 0; lower is better.

    Hyperparameters are at their maximum a posteriori, sought by resilient steps from where the
    last fit ended.
    """

    def __init__(self, rates: int, numbers: int, categories: int) -> None:
        others = numbers - rates
        other_length = math.log(0.5) + 0.5 * math.log(1 + others / 2)
        mean = [_RATE_LENGTH[0]] * rates + [other_length] * others
        sd = [_RATE_LENGTH[1]] * rates + [0.7] * others
        mean += [_CATEGORY_LENGTH[0]] * categories + [_SIGNAL[0], _NOISE[0]]
        sd += [_CATEGORY_LENGTH[1]] * categories + [_SIGNAL[1], _NOISE[1]]
        self._prior = _Prior(np.array(mean), np.array(sd))
        self.theta = self._prior.mean.copy()

    def fit(self, features: Features, y: Floats, scale: Floats, steps: int) -> float:
        """Fit to values `y`, whose noise variance is multiplied by `scale`; the log posterior."""
        squares = _squares(features, features)
        theta, size = self.theta.copy(), np.full(len(self.theta), 0.2)
        best, best_value, before = theta, -math.inf, np.zeros_like(theta)
        for _ in range(steps):
            value, gradient = self._posterior(theta, squares, y, scale)
            if value > best_value:
                best, best_value = theta.copy(), value
            turned = gradient * before
            size = np.clip(
                np.where(turned > 0, 1.4 * size, np.where(turned < 0, 0.5 * size, size)), 1e-3, 0.6
            )
            before = np.where(turned < 0, 0.0, gradient)
            theta = np.clip(
                theta + np.sign(gradient) * size,
                self._prior.mean - 4 * self._prior.sd,
                self._prior.mean + 4 * self._prior.sd,
            )
        self.theta = best
        return best_value

    def condition(self, features: Features, y: Floats, scale: Floats) -> Posterior:
        """The posterior at these hyperparameters."""
        squares = _squares(features, features)
        kernel, _ = self._kernel(squares)
        kernel[np.diag_indices_from(kernel)] += math.exp(2 * self.theta[-1]) * scale + _JITTER
        factor: Floats = np.linalg.cholesky(kernel).astype(np.float64, copy=False)
        weights: Floats = np.linalg.solve(factor.T, np.linalg.solve(factor, y))
        return Posterior(self, features, factor, weights)

    def log_posterior(self, features: Features, y: Floats, scale: Floats) -> float:
        """The log posterior at the present hyperparameters, to compare features with."""
        return self._posterior(self.theta, _squares(features, features), y, scale)[0]

    def cross(self, one: Features, two: Features) -> Floats:
        """The kernel between two sets of points."""
        return self._kernel(_squares(one, two))[0]

    @property
    def signal(self) -> float:
        """The prior variance of a point."""
        return math.exp(2 * self.theta[-2])

    @property
    def noise(self) -> float:
        """The standard deviation of a result around the function."""
        return math.exp(self.theta[-1])

    def _kernel(self, squares: Floats, theta: Floats | None = None) -> tuple[Floats, Floats]:
        """The kernel, and its derivative by the scaled square distance times -2."""
        theta = self.theta if theta is None else theta
        distance2 = np.tensordot(np.exp(-2 * theta[:-2]), squares, axes=1)
        distance = np.sqrt(5 * distance2)
        decay = math.exp(2 * theta[-2]) * np.exp(-distance)
        return (1 + distance + distance * distance / 3) * decay, (5 / 3) * (1 + distance) * decay

    def _posterior(
        self, theta: Floats, squares: Floats, y: Floats, scale: Floats
    ) -> tuple[float, Floats]:
        kernel, slope = self._kernel(squares, theta)
        noise = math.exp(2 * theta[-1]) * scale
        noisy = kernel.copy()
        noisy[np.diag_indices_from(noisy)] += noise + _JITTER
        off = (theta - self._prior.mean) / self._prior.sd
        try:
            factor = np.linalg.cholesky(noisy)
        except np.linalg.LinAlgError:
            return -math.inf, -off / self._prior.sd
        inverse = np.linalg.inv(factor)
        inverse = inverse.T @ inverse
        weights = inverse @ y
        value = -0.5 * y @ weights - np.log(np.diag(factor)).sum() - 0.5 * off @ off
        inner = np.outer(weights, weights) - inverse
        gradient = np.empty_like(theta)
        # dK/dlog l_j = slope · (x - x')_j² / l_j²
        lengths = np.tensordot(squares, inner * slope, axes=2)
        gradient[:-2] = 0.5 * lengths * np.exp(-2 * theta[:-2])
        gradient[-2] = (inner * kernel).sum()
        gradient[-1] = (np.diag(inner) * noise).sum()
        return float(value), gradient - off / self._prior.sd


@dataclass(frozen=True, slots=True)
class Posterior:
    """A Gaussian process that has seen results."""

    process: GaussianProcess
    features: Features
    factor: Floats
    weights: Floats

    def predict(self, features: Features) -> tuple[Floats, Floats]:
        """Mean and standard deviation at points, noise aside."""
        cross = self.process.cross(features, self.features)
        mean = cross @ self.weights
        half = np.linalg.solve(self.factor, cross.T)
        variance = self.process.signal - (half * half).sum(axis=0)
        return mean, np.sqrt(np.maximum(variance, 1e-10))


def _squares(one: Features, two: Features) -> Floats:
    """Squared differences of each feature (p + q, n, m); categories differ by one or not at all."""
    numbers = one.numbers.T[:, :, None] - two.numbers.T[:, None, :]
    unequal = one.categories.T[:, :, None] != two.categories.T[:, None, :]
    return np.concatenate([numbers * numbers, unequal.astype(np.float64)])
