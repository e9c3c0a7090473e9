"""What a model learns from: every trial that says something, however it ended, as one number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lrsweep.search.curves import Curves
from lrsweep.trial import Outcome

Floats = NDArray[np.float64]
_GRID = 32
_BENT, _DIVERGED = 4.0, 0.5


@dataclass(frozen=True, slots=True)
class Result:
    """How one trial ended, as a loss: infinite where it diverged or ran out of memory.

    With `pruned`, `loss` is the best it had reported, or None where it had reported nothing.
    """

    number: int
    loss: float | None
    pruned: bool = False


def final_losses(results: Sequence[Result], curves: Curves | None) -> Floats:
    """The final loss of each result; that of a pruned one is guessed.

    A pruned trial keeps its rank: among the trials that completed it stood somewhere at the share
    of the budget at which it ended, and there it is put among their final losses. One that was
    behind all of them stays behind all of them.
    """
    losses = np.array([math.inf if r.loss is None else r.loss for r in results])
    pruned = [i for i, r in enumerate(results) if r.pruned and math.isfinite(losses[i])]
    if not pruned or curves is None:
        return losses
    table = _Table(results, curves)
    for index in pruned:
        losses[index] = table.final(results[index].number, losses[index])
    return losses


class _Table:
    """The best losses of completed trials at shares of their budget, and their final losses."""

    def __init__(self, results: Sequence[Result], curves: Curves) -> None:
        self._curves = curves
        rows, finals = [], []
        for result in results:
            curve = curves.get(result.number)
            if curve is None or curve.outcome is not Outcome.COMPLETED or result.loss is None:
                continue
            budget = curves.budget(curve)
            if budget is None or not math.isfinite(result.loss):
                continue
            shares = np.array(curve.positions) / budget
            grid = np.arange(1, _GRID + 1) / _GRID
            at = np.interp(grid, shares, curve.best)
            rows.append(np.where(grid < shares[0] - 1e-9, math.nan, at))
            finals.append(result.loss)
        self._finals = np.sort(finals)
        self._best = np.sort(np.array(rows), axis=0) if rows else np.zeros((0, _GRID))

    def final(self, number: int, loss: float) -> float:
        curve = self._curves.get(number)
        share = None if curve is None else self._curves.share(curve)
        if share is None or not len(self._finals):
            return loss
        column = self._best[:, min(max(round(share * _GRID), 1), _GRID) - 1]
        known = column[np.isfinite(column)]  # sorted, since NaN comes last
        if not len(known):
            return loss
        finals = self._finals
        if len(known) < len(finals):
            finals = np.quantile(finals, np.linspace(0, 1, len(known)))
        if loss >= known[-1]:
            return float(finals[-1] + (loss - known[-1]))
        return float(np.interp(loss, known, finals))


def scores(losses: Floats) -> Floats:
    """Losses on a scale that a model can follow, lower better, with mean 0 and deviation 1.

    `log(1 + 4 z)`, where z is the distance to the best as a share of that to the median: straight
    near the best, so that what is nearly equal stays so, and a logarithm for what is far. What
    diverged is a little worse than the worst. Neither unit nor offset of a loss matters.
    """
    finite = np.isfinite(losses)
    if not finite.any():
        return np.zeros(len(losses))
    best, middle = float(losses[finite].min()), float(np.median(losses[finite]))
    spread = middle - best or float(losses[finite].max()) - best or 1.0
    bent = np.log1p(_BENT * (np.where(finite, losses, best) - best) / spread)
    bent = np.where(finite, bent, bent.max() + _DIVERGED)
    deviation = float(bent.std())
    scaled: Floats = (bent - bent.mean()) / (deviation if deviation > 0 else 1.0)
    return scaled
