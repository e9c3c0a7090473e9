"""Pruners: decide from learning curves, held in memory, which running trials to stop."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from lrsweep.scheduler import Pruner
from lrsweep.terms import is_batch_size
from lrsweep.trial import Direction, Outcome, Params, Verdict

# A median over more curves than this says nothing more.
_NEWEST = 200

_Stratum = tuple[tuple[str, object], ...]


@dataclass(slots=True)
class _Curve:
    """The best value so far at each position of the budget axis."""

    stratum: _Stratum
    positions: list[float] = field(default_factory=list)
    best: list[float] = field(default_factory=list)

    def at(self, position: float) -> float | None:
        """The best value up to `position`; None where the curve ended before or begins after."""
        index = bisect_right(self.positions, position)
        if index == 0 or self.positions[-1] < position:
            return None
        return self.best[index - 1]


class MedianPruner:
    """Stops a trial whose best value so far is worse than the median of others at that point.

    Compared are trials of one stratum only: those with the same batch size and the same choices
    (optimizer, schedule, model), since these bend the curve whatever the learning rate. A trial is
    left alone until `startup` trials have ended with a curve, `stratum_startup` of them in its own
    stratum, and until it has spent the share `warmup` of its budget. Pruned trials count as far as
    they came, so that survivors alone do not set the bar.

    The rule is Google Vizier's median stopping rule (Golovin et al. 2017, section 3.2.1).
    """

    def __init__(
        self,
        direction: Direction,
        *,
        startup: int = 5,
        stratum_startup: int = 3,
        warmup: float = 0.3,
    ) -> None:
        self._direction = direction
        self._startup = startup
        self._stratum_startup = stratum_startup
        self._warmup = warmup
        self._curves: dict[int, _Curve] = {}
        self._ended: dict[_Stratum, deque[_Curve]] = defaultdict(lambda: deque(maxlen=_NEWEST))
        self._ended_count = 0

    def observe(self, trial: int, params: Params, position: float, value: float) -> None:
        """A point of the curve of a running trial."""
        curve = self._curves.get(trial)
        if curve is None:
            curve = self._curves[trial] = _Curve(stratum_of(params))
        if curve.positions and position <= curve.positions[-1]:
            return  # an attempt that began anew; its former points stand
        if curve.best and not self._direction.better(value, curve.best[-1]):
            value = curve.best[-1]
        curve.positions.append(position)
        curve.best.append(value)

    def judge(self, trial: int) -> Verdict | None:
        """A verdict where the trial's newest point is worse than the median of its stratum."""
        curve = self._curves[trial]
        others = self._ended[curve.stratum]
        if self._ended_count < self._startup or len(others) < self._stratum_startup:
            return None
        position = curve.positions[-1]
        budget = max(other.positions[-1] for other in others)
        if position < self._warmup * budget:
            return None
        values = [value for other in others if (value := other.at(position)) is not None]
        if len(values) < self._stratum_startup:
            return None
        bar, best = median(values), curve.best[-1]
        if not self._direction.better(bar, best):
            return None
        return Verdict(
            "median",
            f"behind the median of {len(values)} trials: best so far {best:.6g}, median {bar:.6g}",
            {"position": position, "best": best, "median": bar, "trials": len(values)},
        )

    def finish(self, trial: int, outcome: Outcome) -> None:
        """A trial ended: its curve becomes one to compare with, if it tells of its parameters."""
        curve = self._curves.pop(trial, None)
        if curve is not None and outcome in (Outcome.COMPLETED, Outcome.PRUNED):
            self._ended[curve.stratum].append(curve)
            self._ended_count += 1


class NoPruner:
    """Lets every trial run to its end."""

    def observe(self, trial: int, params: Params, position: float, value: float) -> None:
        """Nothing is kept."""

    def judge(self, trial: int) -> Verdict | None:
        """Never a verdict."""
        return None

    def finish(self, trial: int, outcome: Outcome) -> None:
        """Nothing is kept."""


PRUNERS: dict[str, Callable[[Direction], Pruner]] = {
    "median": MedianPruner,
    "none": lambda _direction: NoPruner(),
}


def stratum_of(params: Params) -> _Stratum:
    """The part of `params` that must be equal for two curves to be comparable."""
    return tuple(
        (name, value)
        for name, value in sorted(params.items())
        if isinstance(value, str | bool) or is_batch_size(name)
    )
