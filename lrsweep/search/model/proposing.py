"""Candidates, and which of them to try: far from all others at first, then by a model."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from lrsweep.search.model.encoding import Encoding, Warp
from lrsweep.search.model.gaussian import GaussianProcess

Floats = NDArray[np.float64]

_CANDIDATES = 384
_LOCAL = 0.5
# Results that a model sees: the best, the newest, and a spread over all others.
_MOST = 96
# What a rate loses in score for each squared decade from what is usual, and how much at most.
_UNUSUAL, _MOST_UNUSUAL = 0.12, 0.5
# How much less a guessed result is trusted.
_GUESSED = 4.0


def filling(encoding: Encoding, tried: Floats, rng: np.random.Generator) -> Floats:
    """Of random rows the one farthest from every row of `tried` (Mitchell's best candidate).

    Distances wrap around, so that the ends of a range are not preferred, and a learning rate counts
    more than others.
    """
    cube = rng.random((256, encoding.dimensions))
    first: Floats = cube[0]
    if not len(tried):
        return first
    weight = np.ones(encoding.dimensions)
    weight[encoding.rate_columns] = 4.0
    far = np.abs(cube[:, None, :] - tried[None, :, :])
    far = np.minimum(far, 1 - far)
    far = np.where(encoding.categorical, 0.35 * _differ(encoding, cube, tried), far)
    nearest = (weight * far * far).sum(axis=2).min(axis=1)
    farthest: Floats = cube[int(nearest.argmax())]
    return farthest


def _differ(encoding: Encoding, one: Floats, two: Floats) -> Floats:
    """1 where categorical columns fall into different values; meaningless elsewhere."""
    a, b = encoding.categories(one), encoding.categories(two)
    differ: Floats = (a[:, None, :] != b[None, :, :]).astype(np.float64)
    return differ


class Model:
    """Proposes by expected improvement under a Gaussian process that knows what a rate is."""

    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding
        sample = encoding.features(np.full((1, encoding.dimensions), 0.5), Warp())
        shape = (encoding.rates, sample.numbers.shape[1], sample.categories.shape[1])
        self._process = GaussianProcess(*shape)
        self._warp = encoding.warps[0]

    def ranked(
        self,
        cube: Floats,
        scores: Floats,
        guessed: Floats,
        pending: Floats,
        rng: np.random.Generator,
        only: tuple[int, int] | None = None,
    ) -> Floats:
        """Candidate rows, the most promising first.

        `scores` are of the rows of `cube`, lower better; `guessed` is 1 where a score is a guess.
        Rows of `pending` run now, and are believed to end as the model expects. With `only`, a
        column and a code, candidates have that category, and are to be better than the best of it.
        """
        chosen = _thinned(scores)
        cube, scores, guessed = cube[chosen], scores[chosen], guessed[chosen]
        scale = 1 + (_GUESSED - 1) * guessed
        self._choose_warp(cube, scores, scale)
        process, encoding, warp = self._process, self._encoding, self._warp
        features = encoding.features(cube, warp)
        y = scores - self._usual(features.numbers)
        process.fit(features, y, scale, steps=int(np.clip(900 // len(y), 5, 20)))
        if len(pending):
            believed, _ = process.condition(features, y, scale).predict(
                encoding.features(pending, warp)
            )
            cube_all = np.vstack([cube, pending])
            features = encoding.features(cube_all, warp)
            y, scale = np.append(y, believed), np.append(scale, np.ones(len(pending)))
        posterior = process.condition(features, y, scale)
        expected, _ = posterior.predict(features)
        expected = expected + self._usual(features.numbers)
        candidates = self._candidates(cube, scores, rng)
        if only is not None:
            column, code = only
            candidates[:, column] = encoding.unit_of(column, code)
            alike = encoding.categories(np.vstack([cube, pending]))[:, column] == code
            expected = expected[alike] if alike.any() else expected + math.inf
        seen = encoding.features(candidates, warp)
        mean, sd = posterior.predict(seen)
        mean = mean + self._usual(seen.numbers)
        best = float(expected.min())
        gain = expected_improvement(best, mean, sd) if math.isfinite(best) else -mean
        return candidates[np.argsort(-gain, kind="stable")]

    def _usual(self, numbers: Floats) -> Floats:
        """The prior mean: rates far from what is usual are a little worse."""
        rates = numbers[:, : self._encoding.rates]
        worse: Floats = np.minimum(_UNUSUAL * rates * rates, _MOST_UNUSUAL).sum(axis=1)
        return worse

    def _choose_warp(self, cube: Floats, scores: Floats, scale: Floats) -> None:
        """The warp under which the results are the most probable, by a margin."""
        if len(scores) < 8:
            return

        def probable(warp: Warp) -> float:
            features = self._encoding.features(cube, warp)
            return self._process.log_posterior(
                features, scores - self._usual(features.numbers), scale
            )

        values = {warp: probable(warp) for warp in self._encoding.warps}
        best = max(values, key=lambda warp: values[warp])
        if values[best] > values[self._warp] + 0.5:
            self._warp = best

    def _candidates(self, cube: Floats, scores: Floats, rng: np.random.Generator) -> Floats:
        """Random rows of the whole cube, and others around the best results."""
        encoding, local = self._encoding, int(_LOCAL * _CANDIDATES)
        anywhere = rng.random((_CANDIDATES - local, encoding.dimensions))
        best = cube[np.argsort(scores, kind="stable")[:6]]
        around = best[rng.integers(len(best), size=local)]
        width = rng.choice([0.01, 0.03, 0.1], size=(local, 1))
        moved = rng.random(around.shape) < max(0.5, 2 / encoding.dimensions)
        steps = np.where(moved, width * rng.standard_normal(around.shape), 0.0)
        near = np.abs(around + steps)
        near = np.where(near > 1, 2 - near, near).clip(0, 1)
        redrawn = (rng.random(around.shape) < 0.15) & encoding.categorical
        kept = np.where(encoding.categorical, around, near)
        near = np.where(redrawn, rng.random(around.shape), kept)
        return np.vstack([anywhere, near])


def expected_improvement(best: float, mean: Floats, sd: Floats) -> Floats:
    """How much below `best` a normal value lies on average (Jones et al. 1998)."""
    z = (best - mean) / sd
    density = np.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)
    below = 0.5 * (1 + np.vectorize(math.erf)(z / math.sqrt(2)))
    gain: Floats = sd * (z * below + density)
    return gain


def _thinned(scores: Floats) -> NDArray[np.int64]:
    """Indices of at most `_MOST` results: the best, the newest, and a spread over all others."""
    count = len(scores)
    if count <= _MOST:
        return np.arange(count)
    best = np.argsort(scores, kind="stable")[: _MOST // 2]
    newest = np.arange(count - _MOST // 4, count)
    rest = np.setdiff1d(np.arange(count), np.append(best, newest))
    spread = rest[np.linspace(0, len(rest) - 1, _MOST // 4).round().astype(np.int64)]
    return np.unique(np.concatenate([best, newest, spread]))
