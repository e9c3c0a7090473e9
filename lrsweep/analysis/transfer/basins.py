"""Where the best learning rate of each cell lies, and how surely: one shape fitted to all cells.

Near its best rate the loss of a cell is taken as an asymmetric parabola in the log of the rate. Its
two curvatures are shared by all cells, so that a cell of four trials still tells where its best
rate lies. What lies far from the best, in rate or in loss, carries little weight: the cliff where
training diverges would otherwise bend the fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from lrsweep.analysis.transfer.cells import Cell

Array = NDArray[np.float64]

# In natural logs of the rate: what counts as near the best, and how fine positions are looked at.
_WINDOW = 1.5
_NEAR, _FAR = 0.9, 2.0
_POSITIONS = 241
_FEWEST_RATES = 4
# How far from the middle of all cells a best rate is expected, before anything is known.
_SPREAD = 2.0
_LEAST_VARIANCE = 1e-4
# The parabola holds near the best rate: of a best rate outside those tried, this share of the way
# to it is in doubt.
_TRUST = 0.3


@dataclass(frozen=True, slots=True)
class Basins:
    """Of each cell that has enough rates: the log of its best rate, and the variance of that.

    `cells` are those, in order. Where the best rate lies at the end of those that were tried, the
    mean lies beyond it and the variance is large: a bound more than a point.
    """

    cells: tuple[Cell, ...]
    means: Array
    variances: Array


def find_basins(cells: Sequence[Cell]) -> Basins | None:
    """The basins of `cells`; None where no cell has four finite rates."""
    curves = [
        (cell, x, y) for cell in cells for x, y in [_curve(cell)] if len(set(x)) >= _FEWEST_RATES
    ]
    if not curves:
        return None
    xs, ys = [x for _, x, _ in curves], [y for _, _, y in curves]
    positions = np.linspace(min(map(min, xs)) - _WINDOW, max(map(max, xs)) + _WINDOW, _POSITIONS)
    cap = _cap(xs, ys)
    start = np.full(2, np.log(cap / _WINDOW**2))

    def misfit(logs: Array) -> float:
        return float(_squares(xs, ys, np.exp(logs), positions, cap)[0].min(axis=1).sum())

    options = {"xatol": 0.05, "fatol": 1e-12, "maxiter": 60}
    found = minimize(misfit, start, method="Nelder-Mead", options=options)
    squares, weights = _squares(xs, ys, np.exp(found.x), positions, cap)
    least = squares.min(axis=1, keepdims=True)
    free = max(float(weights.sum()) - 2 * len(xs) - 2, len(xs))
    noise = max(float(least.sum()) / free, 1e-16)
    likelihood = -(squares - least) / (2 * noise)
    middle = np.median(positions[likelihood.argmax(axis=1)])
    chance = np.exp(likelihood - 0.5 * ((positions - middle) / _SPREAD) ** 2)
    chance /= chance.sum(axis=1, keepdims=True)
    means = chance @ positions
    variances = chance @ positions**2 - means**2 + _LEAST_VARIANCE
    ends = np.array([(x.min(), x.max()) for x in xs])
    outside = np.maximum(0, np.maximum(ends[:, 0] - means, means - ends[:, 1]))
    variances += (_TRUST * outside) ** 2
    return Basins(tuple(cell for cell, _, _ in curves), means, variances)


def _curve(cell: Cell) -> tuple[Array, Array]:
    """Logs of the rates and losses that are finite; logs of the losses where all are positive."""
    rates, losses = np.array(cell.rates), np.array(cell.losses)
    finite = np.isfinite(losses)
    y = losses[finite]
    return np.log(rates[finite]), np.log(y) if len(y) and (y > 0).all() else y


def _cap(xs: Sequence[Array], ys: Sequence[Array]) -> float:
    """What a loss a few times away from the best rate is worse by, over all cells in the middle."""
    worse = []
    for x, y in zip(xs, ys, strict=True):
        away = np.abs(x - x[y.argmin()])
        between = (y - y.min())[(away > _NEAR) & (away < _FAR)]
        if len(between):
            worse.append(float(np.median(between)))
    return max(float(np.median(worse)) if worse else 0.0, 1e-9)


def _squares(
    xs: Sequence[Array], ys: Sequence[Array], curvature: Array, positions: Array, cap: float
) -> tuple[Array, Array]:
    """Weighted squares of each cell at each position of its best, `(cells, positions)`, and each
    cell's weight, `(cells,)`; `curvature` is that below and above the best."""
    below, above = curvature
    squares, weights = np.empty((len(xs), len(positions))), np.empty(len(xs))
    for i, (x, y) in enumerate(zip(xs, ys, strict=True)):
        near = np.exp(-0.5 * ((x - x[y.argmin()]) / _WINDOW) ** 4)
        weight = near / (1 + ((y - y.min()) / cap) ** 4)
        away = x - positions[:, None]
        shape = np.where(away < 0, below, above) * away**2
        level = ((y - shape) * weight).sum(axis=1, keepdims=True) / weight.sum()
        squares[i] = (weight * (y - shape - level) ** 2).sum(axis=1)
        weights[i] = weight.sum()
    return squares, weights
