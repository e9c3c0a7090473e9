"""What a model learns from: every trial that says something, however it ended, as one number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from lrsweep.search.curves import Curves
from lrsweep.trial import Outcome

Floats = NDArray[np.float64]
_GRID = 32


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


def normal_scores(losses: Floats) -> Floats:
    """Ranks of losses as quantiles of the normal distribution, lower better; ties share a rank.

    So neither the scale of a loss nor how badly something diverged matters.
    """
    order = np.argsort(losses, kind="stable")
    ranks = np.empty(len(losses))
    ranks[order] = np.arange(len(losses))
    _, inverse = np.unique(losses, return_inverse=True)
    shared = np.bincount(inverse, weights=ranks) / np.bincount(inverse)
    quantiles = (shared[inverse] + 0.5) / len(losses)
    normal = NormalDist()
    table = {q: normal.inv_cdf(q) for q in np.unique(quantiles)}
    return np.array([table[q] for q in quantiles])
