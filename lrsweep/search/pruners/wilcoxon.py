"""A rule for repeats: the same steps, such as folds or seeds, paired with those of the best."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist, fmean

from lrsweep.search.curves import Curve, Curves
from lrsweep.trial import Outcome, Verdict

# Up to so many pairs the distribution of the statistic is counted out.
_EXACT = 50


class Wilcoxon:
    """Stops a trial that is worse than the best completed one on the steps that both have.

    For reports that are results of their own (folds, seeds, instances), in any order of quality:
    the one-sided signed-rank test of Wilcoxon (1945) with p below `p`, and a worse mean.
    """

    def __init__(self, *, p: float = 0.1, startup: int = 2) -> None:
        self._p = p
        self._startup = startup

    def judge(self, curves: Curves, curve: Curve) -> Verdict | None:
        """A verdict where chance alone would hardly make the trial look so much worse."""
        completed = [c for c in curves if c.outcome is Outcome.COMPLETED]
        if not completed or len(curve.losses) < self._startup:
            return None
        best = min(completed, key=lambda c: fmean(c.losses))
        at = dict(zip(best.positions, best.losses, strict=True))
        pairs = [
            loss - at[position]
            for position, loss in zip(curve.positions, curve.losses, strict=True)
            if position in at
        ]
        if len(pairs) < self._startup or fmean(pairs) <= 0:
            return None
        p = signed_rank_p(pairs)
        if p >= self._p:
            return None
        return Verdict(
            "wilcoxon",
            f"worse than trial {best.number} on {len(pairs)} shared steps (p = {p:.3g})",
            {"p": p, "steps": len(pairs), "against": best.number},
        )


def signed_rank_p(differences: Sequence[float]) -> float:
    """The probability, under symmetry about zero, of differences as positive as these.

    Zeros are dropped and ties share their mean rank. Exact up to 50 differences, then the normal
    approximation.
    """
    nonzero = sorted((d for d in differences if d != 0), key=abs)
    if not nonzero:
        return 1.0
    ranks = _mean_ranks([abs(d) for d in nonzero])
    positive = math.fsum(rank for rank, d in zip(ranks, nonzero, strict=True) if d > 0)
    if len(nonzero) > _EXACT:
        mean = math.fsum(ranks) / 2
        sd = math.sqrt(math.fsum(rank * rank for rank in ranks)) / 2
        return 1 - NormalDist().cdf((positive - 0.5 - mean) / sd)
    return _tail([round(2 * rank) for rank in ranks], round(2 * positive))


def _tail(doubled: Sequence[int], at_least: int) -> float:
    """The share of all signs under which the sum of positive ranks reaches `at_least`."""
    counts = [1] + [0] * sum(doubled)
    for rank in doubled:
        for total in range(len(counts) - 1, rank - 1, -1):
            counts[total] += counts[total - rank]
    return sum(counts[at_least:]) / float(2 ** len(doubled))


def _mean_ranks(ordered: Sequence[float]) -> list[float]:
    ranks: list[float] = []
    start = 0
    while start < len(ordered):
        end = start
        while end < len(ordered) and ordered[end] == ordered[start]:
            end += 1
        ranks += [(start + 1 + end) / 2] * (end - start)
        start = end
    return ranks
