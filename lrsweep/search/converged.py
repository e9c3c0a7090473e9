"""Whether anything is left to gain, by a model of the objective."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from lrsweep.search.model.encoding import Encoding, Warp
from lrsweep.search.model.gaussian import GaussianProcess
from lrsweep.search.model.proposing import expected_improvement
from lrsweep.space import Space
from lrsweep.trial import Direction, Ending, Outcome

Floats = NDArray[np.float64]

# So many trials before a model is believed, and more where there are more parameters.
_FEWEST, _PER_DIMENSION = 12, 3
_CANDIDATES = 2000
_NEWEST = 150
# The expected gain that is not worth a trial, in standard deviations of the noise.
_WORTH = 0.5


class Converged:
    """Enough once a model expects less gain from the best further trial than from chance.

    In place of Optuna's terminator (Makarova et al. 2022), which bounds the regret: expected
    improvement over the whole space, against the noise that the model finds between runs. Losses
    above the median count as the median, since only the region of the best matters.
    """

    def __init__(self, space: Space, direction: Direction) -> None:
        self._space = space
        self._encoding = Encoding(space)
        self._sign = 1.0 if direction is Direction.MINIMIZE else -1.0
        self._rows: list[Floats] = []
        self._losses: list[float] = []
        self._looked_at = 0
        self._found: tuple[float, float] | None = None

    def told(self, ending: Ending) -> None:
        """A result, or that something diverged or was pruned, which is as bad as the median."""
        if not ending.outcome.informs:
            return
        completed = ending.outcome is Outcome.COMPLETED and ending.value is not None
        loss = self._sign * ending.value if completed and ending.value is not None else math.inf
        active = self._space.active(ending.params)
        labelled = {p.label: ending.params[p.name] for p in active if p.name in ending.params}
        self._rows.append(self._encoding.encode(labelled))
        self._losses.append(loss if math.isfinite(loss) else math.inf)

    def reason(self) -> str | None:
        """The expected gain and the noise, where the one is below the other."""
        fewest = _FEWEST + _PER_DIMENSION * self._encoding.dimensions
        finite = sum(map(math.isfinite, self._losses))
        if finite < fewest or not self._encoding.dimensions:
            return None
        if self._looked_at != len(self._losses):
            self._looked_at = len(self._losses)
            self._found = self._gain_and_noise()
        if self._found is None:
            return None
        gain, noise = self._found
        if gain >= _WORTH * noise:
            return None
        return (
            f"no further trial is expected to gain more than {gain:.2g}, and the noise between "
            f"runs is {noise:.2g}"
        )

    def _gain_and_noise(self) -> tuple[float, float]:
        losses = np.array(self._losses[-_NEWEST:])
        middle = float(np.median(losses[np.isfinite(losses)]))
        clipped = np.minimum(losses, middle)
        scale = float(clipped.std()) or 1.0
        y = (clipped - middle) / scale
        encoding = self._encoding
        features = encoding.features(np.array(self._rows[-_NEWEST:]), Warp())
        shape = (encoding.rates, features.numbers.shape[1], features.categories.shape[1])
        process, ones = GaussianProcess(*shape), np.ones(len(y))
        process.fit(features, y, ones, steps=40)
        posterior = process.condition(features, y, ones)
        best = float(posterior.predict(features)[0].min())
        rows = np.random.default_rng(0).random((_CANDIDATES, encoding.dimensions))
        mean, sd = posterior.predict(encoding.features(rows, Warp()))
        gain = float(expected_improvement(best, mean, sd).max())
        return scale * gain, scale * process.noise
