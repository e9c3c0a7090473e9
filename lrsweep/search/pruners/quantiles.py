"""Rules that compare with a quantile of the trials before: Optuna's median, and percentiles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from lrsweep.search.curves import Curve, Curves
from lrsweep.trial import Outcome, Verdict


class OptunaMedian:
    """Exactly the rule of Optuna's MedianPruner.

    A trial's best so far is compared with the median of what completed trials reported at the very
    same step. So steps that do not coincide never compare, and survivors alone set the bar.
    """

    def __init__(self, *, startup: int = 5, warmup: float = 0.0, min_trials: int = 1) -> None:
        self._startup = startup
        self._warmup = warmup
        self._min_trials = min_trials

    def judge(self, curves: Curves, curve: Curve) -> Verdict | None:
        """A verdict where the best so far is worse than the median at this step."""
        completed = [c for c in curves if c.outcome is Outcome.COMPLETED]
        if (
            not completed
            or len(completed) < self._startup
            or in_warmup(curves, curve, self._warmup)
        ):
            return None
        position = curve.positions[-1]
        values = [loss for c in completed if (loss := _reported(c, position)) is not None]
        if len(values) < self._min_trials or not values:
            return None
        bar, own = median(values), curve.best[-1]
        if own <= bar:
            return None
        shown = curves.value
        return Verdict(
            "optuna-median",
            f"behind the median of {len(values)} completed trials at this step: "
            f"best so far {shown(own):.6g}, median {shown(bar):.6g}",
            {
                "position": position,
                "best": shown(own),
                "median": shown(bar),
                "trials": len(values),
            },
        )


class Percentile:
    """Stops a trial whose best so far is not among the best `percentile` % of all others' there.

    Pruned trials count as far as they came, and values are interpolated where steps do not
    coincide.
    """

    def __init__(self, *, percentile: float = 25.0, startup: int = 5, warmup: float = 0.1) -> None:
        self._percentile = percentile
        self._startup = startup
        self._warmup = warmup

    def judge(self, curves: Curves, curve: Curve) -> Verdict | None:
        """A verdict where the best so far is behind the percentile."""
        share = curves.share(curve)
        if share is None or share < self._warmup or curves.started_before(curve) < self._startup:
            return None
        reached = [loss for _, loss in curves.at_share(curves.others(curve), share)]
        if len(reached) < max(1, self._startup):
            return None
        bar, own = quantile(reached, self._percentile / 100), curve.best[-1]
        if own <= bar:
            return None
        shown = curves.value
        return Verdict(
            "percentile",
            f"not among the best {self._percentile:g} % of {len(reached)} trials at {share:.0%} of "
            f"its budget: best so far {shown(own):.6g}, needed {shown(bar):.6g}",
            {"share": share, "best": shown(own), "bar": shown(bar), "trials": len(reached)},
        )


def quantile(values: Sequence[float], part: float) -> float:
    """The quantile `part` (0 to 1) of `values`, interpolated linearly; `values` is not empty."""
    ordered = sorted(values)
    at = part * (len(ordered) - 1)
    low = math.floor(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])


def in_warmup(curves: Curves, curve: Curve, warmup: float) -> bool:
    """Whether the trial has yet to spend the share `warmup`, or nobody knows whether it has."""
    if warmup <= 0:
        return False
    share = curves.share(curve)
    return share is None or share < warmup


def _reported(curve: Curve, position: float) -> float | None:
    try:
        return curve.losses[curve.positions.index(position)]
    except ValueError:
        return None
