"""Divergence: a training that is lost whatever others do. A rule of its own, on by default."""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import median

from lrsweep.search.curves import Curve, Curves
from lrsweep.trial import Outcome, Verdict

# So many reports in a row must say it, since a spike may heal.
_REPORTS = 3
# Exploding: so far above everything the trial has seen before its last reports, and still rising.
_EXPLODED = 10.0
# Worse than untrained: a good start gains this share of the first value; it is lost again when
# values lie above the first by the second share, and above what is known of the untrained value:
# the largest first value of this many trials, or so many times the trial's own first or best value,
# since a first report often comes when much has been learned.
_GAINED = 0.2
_LOST = 0.2
_KNOWN, _TIMES_FIRST, _TIMES_BEST = 3, 3.0, 5.0
# Gradient norms: so many times their median so far.
_GRADIENT = 1e4


class Divergence:
    """Stops a trial whose loss explodes, or ends up above where it began after a good start.

    Only for losses that are minimized and positive, where a value many times the first one means
    that the training is lost; an accuracy that falls may rise again. Gradient norms that explode
    count where they are reported (`gradient`). Values that are not finite are the scheduler's.
    """

    def __init__(self) -> None:
        self._gradients: dict[int, list[float]] = {}

    def gradient(self, trial: int, norm: float) -> None:
        """A gradient norm that a trial reported."""
        norms = self._gradients.setdefault(trial, [])
        norms.append(norm)
        del norms[:-64]

    def judge(self, curves: Curves, curve: Curve) -> Verdict | None:
        """A verdict where the newest reports say that the training is lost."""
        if curves.value(1.0) < 0:
            return None
        losses = curve.losses
        if len(losses) > _REPORTS and min(losses) > 0:
            verdict = _exploding(losses) or _worse_than_untrained(losses, _untrained(curves, curve))
            if verdict is not None:
                return verdict
        return self._exploding_gradients(curve)

    def _exploding_gradients(self, curve: Curve) -> Verdict | None:
        norms = self._gradients.get(curve.number, [])
        if len(norms) <= _REPORTS:
            return None
        newest, usual = norms[-_REPORTS:], median(norms[:-_REPORTS])
        lost = all(not math.isfinite(n) or n > _GRADIENT * usual > 0 for n in newest)
        if not lost:
            return None
        return Verdict(
            "diverged",
            f"its gradient norm exploded: {newest[-1]:.6g}, and {usual:.6g} before",
            {"gradient_norm": newest[-1], "usual": usual},
            Outcome.DIVERGED,
        )


def _exploding(losses: list[float]) -> Verdict | None:
    newest, before = losses[-_REPORTS:], max(losses[:-_REPORTS])
    rising = all(a <= b for a, b in pairwise(newest))
    if not rising or min(newest) <= _EXPLODED * before:
        return None
    return Verdict(
        "diverged",
        f"it exploded: {newest[-1]:.6g} and rising for {_REPORTS} reports, at most {before:.6g} "
        "before",
        {"value": newest[-1], "before": before},
        Outcome.DIVERGED,
    )


def _untrained(curves: Curves, curve: Curve) -> float:
    """What a training of this study may begin at: a loss below it may be one that overfits."""
    firsts = [other.losses[0] for other in curves.others(curve) if other.losses]
    if len(firsts) < _KNOWN:
        return max(_TIMES_FIRST * curve.losses[0], _TIMES_BEST * min(curve.losses))
    return max(firsts)


def _worse_than_untrained(losses: list[float], untrained: float) -> Verdict | None:
    """A jump above the first value after a good start, from which the trial did not come back.

    Only a jump: a validation loss that creeps up over many reports overfits.
    """
    first, best = losses[0], math.inf
    jumped = None
    for index, (before, after) in enumerate(pairwise(losses)):
        best = min(best, before)
        gained = first - best
        if after <= max((1 + _LOST) * first, untrained):
            jumped = None
        elif jumped is None and gained >= _GAINED * first and after - before > gained / 2:
            jumped = index + 1
    if jumped is None or len(losses) - jumped < _REPORTS:
        return None
    return Verdict(
        "diverged",
        f"worse than at its first report after a good start: first {first:.6g}, best {best:.6g}, "
        f"now {losses[-1]:.6g}",
        {"first": first, "best": best, "newest": losses[-1]},
        Outcome.DIVERGED,
    )
