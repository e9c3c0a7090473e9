"""A pruner is rules over one set of curves: the first that gives a verdict decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from lrsweep.search.curves import Curve, Curves
from lrsweep.search.pruners.divergence import Divergence
from lrsweep.trial import Outcome, Params, Verdict


class Rule(Protocol):
    """Looks at the newest point of a curve, and at other curves."""

    def judge(self, curves: Curves, curve: Curve) -> Verdict | None:
        """Why the trial of `curve` should end; None where it should not."""
        ...


class RulePruner:
    """Keeps curves and asks its rules; the one pruner there is."""

    def __init__(
        self, curves: Curves, rules: Sequence[Rule], divergence: Divergence | None = None
    ) -> None:
        self.curves = curves
        self._divergence = divergence
        self._rules = tuple(rules) if divergence is None else (divergence, *rules)

    def observe(self, trial: int, params: Params, position: float, value: float) -> None:
        """A point of the objective's curve of a running trial."""
        self.curves.observe(trial, params, position, value)

    def gradient(self, trial: int, norm: float) -> None:
        """A gradient norm that a running trial reported."""
        if self._divergence is not None:
            self._divergence.gradient(trial, norm)

    def judge(self, trial: int) -> Verdict | None:
        """The first verdict of a rule on the trial's newest point."""
        curve = self.curves.get(trial)
        if curve is None or not curve.positions:
            return None
        share = self.curves.share(curve)
        if share is not None and share >= 1:
            return None  # nothing is saved by stopping a trial at its last report
        verdicts = (rule.judge(self.curves, curve) for rule in self._rules)
        verdict = next((v for v in verdicts if v is not None), None)
        if share is not None:
            curve.judged = curve.positions[-1]
        return verdict

    def forget(self, trial: int) -> None:
        """The points of a running trial do not hold any more; others will come."""
        self.curves.forget(trial)

    def finish(self, trial: int, outcome: Outcome) -> None:
        """A trial ended."""
        self.curves.finish(trial, outcome)


def crossed(curves: Curves, curve: Curve, rungs: Sequence[float]) -> int | None:
    """The index of the highest rung that the curve's newest reports reached; None for no new one.

    Rungs are shares of the budget, rising.
    """
    now, before = curves.share(curve), curves.share(curve, curve.judged)
    if now is None or before is None:
        return None
    reached = [i for i, rung in enumerate(rungs) if before < rung <= now * (1 + 1e-9)]
    return reached[-1] if reached else None
