"""The default rule: at a few rungs, stop what lies behind a bar that the first trials set."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from lrsweep.search.curves import Curve, Curves
from lrsweep.search.pruners.rule import crossed
from lrsweep.trial import Outcome, ParamValue, Verdict

# Shares of the budget at which trials are compared, and how the tolerance tightens towards the
# end, where a curve tells more of its final value.
RUNGS = (0.1, 0.3, 0.6)
_TIGHTENING = (1.0, 0.8, 2 / 3)
# Fewer trials than this make no median.
_FEWEST = 4
# The best completed trials, and how far beyond the slowest of them a trial may lie at a rung,
# as a share of the way to the median.
_WINNERS = 5
_SLOWER = 0.5
# A trial within so many standard deviations of the best is as good as the best.
_NOISE = 2.0


class SoftRungs:
    """Stops a trial that lies too far from the best towards the median of the first trials.

    At 10, 30 and 60 % of the budget the bar is `best + tolerance · (median - best)`, on a log scale
    where losses are positive. The median is that of the first `reference` trials that came so far.
    These fill the space, so that the bar does not rise as the search closes in on the best region
    and half of what it tries lies behind the median of its own kind: that is how the median rule
    (Golovin et al. 2017, section 3.2.1) kills near-optimal trials. Nor is the bar stricter than the
    best completed trials would have needed: curves cross, and what ends best may begin slowly. A
    trial that is ahead of the best one with its own optimizer is left alone, since the best rate of
    every optimizer is wanted. None is stopped before `startup` trials have completed.
    """

    def __init__(self, *, startup: int = 5, reference: int = 10, tolerance: float = 0.75) -> None:
        self._startup = startup
        self._reference = reference
        self._tolerance = tolerance

    def judge(self, curves: Curves, curve: Curve) -> Verdict | None:
        """A verdict where the newest report crossed a rung and lies behind the bar."""
        rung = crossed(curves, curve, RUNGS)
        share = curves.share(curve)
        if rung is None or share is None:
            return None
        others = curves.others(curve)
        if sum(other.outcome is Outcome.COMPLETED for other in others) < self._startup:
            return None
        reached = curves.at_share(others, share)
        if len(reached) < min(_FEWEST, self._reference):
            return None
        middle = median(loss for _, loss in reached[: self._reference])
        leader, best = min(reached, key=lambda pair: pair[1])
        own = curve.best[-1]
        tolerance = self._tolerance * _TIGHTENING[rung]
        bar = max(between(best, middle, tolerance), best + _NOISE * noise_of(leader, curve))
        if (slow := slowest_winner(reached)) is not None:
            bar = max(bar, slow if slow >= middle else between(slow, middle, _SLOWER))
        bar = max(bar, contender(reached, curve.optimizer))
        if own <= bar:
            return None
        shown = curves.value
        return Verdict(
            "median",
            f"behind the bar at {share:.0%} of its budget: best so far {shown(own):.6g}, "
            f"bar {shown(bar):.6g} (best of {len(reached)} trials {shown(best):.6g}, "
            f"median of the first {min(len(reached), self._reference)} {shown(middle):.6g})",
            {
                "share": share,
                "best": shown(own),
                "bar": shown(bar),
                "leader": shown(best),
                "median": shown(middle),
                "tolerance": tolerance,
                "trials": len(reached),
            },
        )


def slowest_winner(reached: Sequence[tuple[Curve, float]]) -> float | None:
    """The worst value that one of the best completed trials had at this point.

    Curves cross: what ends best may begin slowly. None while no trial has completed.
    """
    completed = [(c.losses[-1], loss) for c, loss in reached if c.outcome is Outcome.COMPLETED]
    return max((loss for _, loss in sorted(completed)[:_WINNERS]), default=None)


def contender(reached: Sequence[tuple[Curve, float]], optimizer: ParamValue) -> float:
    """What the best completed trial with this optimizer had at this point.

    What is better than that may be the optimizer's best, which a sweep is to find for each;
    infinite where none with it has completed.
    """
    if optimizer is None:
        return -math.inf
    own = [
        (c.losses[-1], loss)
        for c, loss in reached
        if c.outcome is Outcome.COMPLETED and c.optimizer == optimizer
    ]
    return min(own)[1] if own else math.inf


def between(best: float, middle: float, part: float) -> float:
    """The loss that lies the share `part` of the way from `best` to `middle`.

    On a log scale where both are positive, since losses fall by factors.
    """
    if best > 0 and middle > 0:
        return math.exp(math.log(best) + part * (math.log(middle) - math.log(best)))
    return best + part * (middle - best)


def noise_of(one: Curve, two: Curve) -> float:
    """The noise of the difference between a report of one curve and a report of the other."""
    return math.hypot(one.noise(), two.noise())
