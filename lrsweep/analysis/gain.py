"""What training gained, as the measure of every tolerance.

A share of the objective's own value changes when a constant is added to it: one percent of an
error of 0.02 is not one percent of an accuracy of 0.98. The gain, untrained minus best, is the
same for both, and for objectives that are negative or zero.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from lrsweep.terms import tokens
from lrsweep.trial import Direction

_SPLITS = frozenset({"val", "valid", "validation", "test", "eval", "dev", "holdout"})
_UNTRAINED = frozenset({"initial", "init", "untrained"})
# Below this share of what was measured before training, improvements are looked at for noise.
_SMALL = 0.05
_BEYOND_NOISE = 3.0


@dataclass(frozen=True, slots=True)
class Gain:
    """From `untrained` down to `best`, as costs. `measured` says that the start was reported.

    Where it was not, the worst that a rate below the best one gave stands in for it.
    """

    best: float
    untrained: float
    measured: bool

    @property
    def full(self) -> float:
        return max(0.0, self.untrained - self.best)

    def share(self, share: float) -> float:
        """`share` of the gain, in units of the objective."""
        return share * self.full


def initial_costs(
    metrics: Mapping[int, Mapping[str, float]], objective: str, direction: Direction
) -> dict[int, float]:
    """By trial, the objective before training, where a metric such as `initial_loss` tells it."""
    wanted = [word for word in tokens(objective) if word not in _SPLITS]
    found: dict[int, float] = {}
    for trial, held in metrics.items():
        for name, value in held.items():
            words = tokens(name)
            plain = [w for w in words if w not in _UNTRAINED and w not in _SPLITS]
            if _UNTRAINED & set(words) and plain == wanted and math.isfinite(value):
                found[trial] = direction.sort_key(value)
    return found


def measure_gain(
    points: Sequence[tuple[float | None, float]], best: float, initial: Sequence[float]
) -> Gain:
    """The gain of a study: `points` are (rate, cost) of its settings, `best` its best cost."""
    if initial:
        return Gain(best, median(initial), measured=True)
    rated = sorted((rate, cost) for rate, cost in points if rate is not None)
    costs = [cost for _, cost in points]
    if rated:
        at = min(rated, key=lambda point: point[1])[0]
        below = [cost for rate, cost in rated if rate < at]
        if below:
            return Gain(best, max(below), measured=False)
    worse = [cost for cost in costs if cost > best]
    return Gain(best, median(worse) if worse else best, measured=False)


def learned(costs: Mapping[int, float], initial: Mapping[int, float]) -> bool:
    """Whether some trial got below its untrained cost by more than noise.

    `costs` are the final ones of completed trials. Improvements of a model that learned nothing
    scatter around zero, so those below zero show how large one is by chance. True where nothing
    was measured before training.
    """
    if not initial:
        return True
    usual = median(initial.values())
    gains = [initial.get(trial, usual) - cost for trial, cost in costs.items()]
    if not gains:
        return True
    losses = [-gain for gain in gains if gain < 0]
    best = max(gains)
    if best > _SMALL * abs(usual):
        return True
    spread = median(losses) / 0.6745 if losses else 0.0
    starts = list(initial.values())
    spread = max(spread, median(abs(start - usual) for start in starts) * 1.4826)
    return best > _BEYOND_NOISE * spread and best > 0
