"""The median rule of the first release: exact strata of batch size and choices, warm-up 30 %."""

from __future__ import annotations

from statistics import median

from lrsweep.search.curves import Curve, Curves
from lrsweep.terms import is_batch_size
from lrsweep.trial import Outcome, Params, Verdict

Stratum = tuple[tuple[str, object], ...]


class FormerMedian:
    """As a pruner: it must see parameters, which rules do not."""

    def __init__(self, curves: Curves) -> None:
        self.curves = curves
        self._strata: dict[int, Stratum] = {}

    def observe(self, trial: int, params: Params, position: float, value: float) -> None:
        self._strata[trial] = tuple(
            (name, v)
            for name, v in sorted(params.items())
            if isinstance(v, str | bool) or is_batch_size(name)
        )
        self.curves.observe(trial, params, position, value)

    def judge(self, trial: int) -> Verdict | None:
        curve = self.curves.get(trial)
        assert curve is not None
        ended = [c for c in self.curves if c.outcome in (Outcome.COMPLETED, Outcome.PRUNED)]
        others = [c for c in ended if self._strata[c.number] == self._strata[trial]]
        position = curve.positions[-1]
        if len(ended) < 5 or len(others) < 3 or position >= 1:
            return None
        if position < 0.3 * max(c.positions[-1] for c in others):
            return None
        values = [v for c in others if (v := _before(c, position)) is not None]
        if len(values) < 3 or curve.best[-1] <= median(values):
            return None
        return Verdict("former", "behind the median of its stratum")

    def finish(self, trial: int, outcome: Outcome) -> None:
        self.curves.finish(trial, outcome)


def _before(curve: Curve, position: float) -> float | None:
    found = [b for p, b in zip(curve.positions, curve.best, strict=True) if p <= position]
    return found[-1] if found and curve.positions[-1] >= position else None
