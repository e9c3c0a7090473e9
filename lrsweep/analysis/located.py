"""Where the best rates lie: the basins of a study's groups, and what each says of the space."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from lrsweep.analysis.basin import Array, Basin, Points
from lrsweep.analysis.basin_fit import fit
from lrsweep.analysis.groups import is_rounded, power_of_two, rate_of
from lrsweep.analysis.rates import RateAxis, Side
from lrsweep.analysis.settings import Setting, assured_costs, settings_of
from lrsweep.trial import Direction, Outcome, ParamValue, TrialRow

_FEWEST_IN_ROW = 3
# Decades, and the share of the range, that may lie untried beside an end that is called an edge.
_UNTRIED, _UNTRIED_SHARE = 0.6, 0.3
# Fewer settings than this say nothing of how smooth a landscape is.
_FEWEST_SMOOTHED = 8
# With this share of the gain still before it, a pruned trial had learned little.
_LEFT = 0.6


@dataclass(frozen=True, slots=True)
class Place:
    """A kind of training ("" where there is one alone) at a batch size (None where it is fixed)."""

    kind: str
    batch_size: float | None


@dataclass(frozen=True, slots=True)
class Located:
    """The settings of one place, the axis of their rate, and their basin where there is one.

    `diverged` are the rates of runs that diverged.
    """

    place: Place
    axis: RateAxis
    settings: tuple[Setting, ...]
    diverged: tuple[float, ...]
    basin: Basin | None = None

    @property
    def best(self) -> float | None:
        """The best rate, where the rate makes a difference."""
        known = self.basin is not None and self.basin.matters
        return 10**self.basin.best if known and self.basin is not None else None

    @property
    def edge(self) -> Side | None:
        """The end of the axis at or beyond which the best rate may well lie."""
        low, high = self.axis.low, self.axis.high
        if not 0 < low < high:
            return Side.UPPER if low < high and self._rises_to(Side.UPPER) else None
        if self.basin is None:
            return next((side for side in Side if self._rises_to(side)), None)
        below, above = self.basin.at_edge(math.log10(low), math.log10(high))
        # Where nothing was tried near an end, rates inside the space come first.
        far = min(_UNTRIED, _UNTRIED_SHARE * math.log10(high / low))
        if below and self.basin.tried[0] - math.log10(low) < far:
            return Side.LOWER
        tried = math.log10(high) - self.basin.tried[1] < far
        return Side.UPPER if above and tried and not self._diverges_at_end() else None

    def _rises_to(self, side: Side) -> bool:
        """Whether few settings get better all the way to one end of the axis."""
        rated = sorted((self.rate(one), one.cost) for one in self.settings)
        if side is Side.LOWER:
            rated.reverse()
        elif self.diverged:
            return False
        costs = [cost for _, cost in rated]
        falls = all(b < a for a, b in pairwise(costs))
        apart = {rate for rate, _ in rated}
        end = self.axis.low if side is Side.LOWER else self.axis.high
        near = rated and abs(self.axis.position(rated[-1][0]) - self.axis.position(end)) < 0.2
        return bool(falls and len(apart) >= _FEWEST_IN_ROW and near)

    def _diverges_at_end(self) -> bool:
        """Whether runs beyond the highest that trained diverged: the range goes far enough."""
        highest = max(map(self.rate, self.settings), default=0.0)
        return any(rate > highest for rate in self.diverged)

    def rate(self, one: Setting) -> float:
        """The rate of one of `settings`."""
        rate = self.axis.rate(one.params)
        assert rate is not None
        return rate


def locate(
    trials: Sequence[TrialRow],
    axes: Sequence[RateAxis],
    kind: str | None,
    batch_size: str | None,
    direction: Direction,
) -> tuple[Located, ...]:
    """Every place that `trials` with a rate above zero were run in, in order of kind and size."""
    places: defaultdict[Place, list[TrialRow]] = defaultdict(list)
    rounded = batch_size is not None and is_rounded(trials, batch_size)
    for trial in trials:
        if (rate_of(axes, trial.params) or 0.0) > 0:
            places[_place(trial, kind, batch_size, rounded)].append(trial)
    bare = [_bare(place, held, axes, direction) for place, held in places.items()]
    worst = max((c for t in trials if (c := _stood(t, direction)) < math.inf), default=math.inf)
    untaught = {one.place: _untaught(one, places[one.place], direction, worst) for one in bare}
    families: defaultdict[str, dict[float | None, Points]] = defaultdict(dict)
    for one in bare:
        families[one.place.kind][one.place.batch_size] = _points(one, untaught[one.place])
    basins = fit(families)
    found = [
        Located(
            one.place,
            one.axis,
            one.settings,
            one.diverged,
            basins.get(one.place.kind, {}).get(one.place.batch_size),
        )
        for one in bare
    ]
    return tuple(sorted(found, key=lambda one: (one.place.kind, one.place.batch_size or 0.0)))


def _place(trial: TrialRow, kind: str | None, batch_size: str | None, rounded: bool) -> Place:
    size = None if batch_size is None else trial.params.get(batch_size)
    if rounded and size is not None:
        size = power_of_two(size)
    number = None if isinstance(size, str | None) else float(size)
    return Place("" if kind is None else str(trial.params.get(kind, "")), number)


def _bare(
    place: Place, trials: Sequence[TrialRow], axes: Sequence[RateAxis], direction: Direction
) -> Located:
    axis = next(a for a in axes if any(a.rate(t.params) is not None for t in trials))
    held = [t for t in trials if (axis.rate(t.params) or 0.0) > 0]
    diverged = [t for t in held if t.outcome is Outcome.DIVERGED]
    rates = [rate for t in diverged if (rate := axis.rate(t.params)) is not None]
    return Located(place, axis, settings_of(held, direction), tuple(sorted(rates)))


def _stood(trial: TrialRow, direction: Direction) -> float:
    """The cost of a trial that completed, or where it stood when it was pruned; else infinite."""
    ended = trial.outcome in (Outcome.COMPLETED, Outcome.PRUNED)
    return direction.sort_key(trial.value) if ended else math.inf


def _untaught(
    one: Located, trials: Sequence[TrialRow], direction: Direction, worst: float
) -> list[tuple[float, float]]:
    """Rate and cost of pruned trials beyond all rates that completed, and that had learned little.

    Their value when they were stopped is no result, but where most of the way from the `worst` cost
    of the study to the best one lay before them it says that the basin ends before them.
    """
    if not one.settings:
        return []
    best = min(s.cost for s in one.settings)
    rates = [one.rate(s) for s in one.settings]
    found = []
    for trial in trials:
        rate, cost = one.axis.rate(trial.params), _stood(trial, direction)
        beyond = rate is not None and not min(rates) <= rate <= max(rates)
        if beyond and trial.outcome is Outcome.PRUNED and best + _LEFT * (worst - best) < cost:
            assert rate is not None
            found.append((rate, cost))
    return [(rate, cost) for rate, cost in found if math.isfinite(cost)]


def _points(one: Located, untaught: Sequence[tuple[float, float]]) -> Points:
    rates = [
        *(one.axis.rate(s.params) or math.nan for s in one.settings),
        *(r for r, _ in untaught),
    ]
    costs = [*(s.cost for s in one.settings), *(cost for _, cost in untaught)]
    weights = [*(float(len(s.costs)) for s in one.settings), *(1.0 for _ in untaught)]
    return Points(
        x=np.log10(np.array(rates, float)),
        cost=np.array(costs, float),
        weight=np.array(weights, float),
        diverged=np.log10(np.array(one.diverged, float)),
    )


def drawn_to_basin(
    settings: Sequence[Setting], located: Sequence[Located], *, rate_alone: bool
) -> list[float]:
    """What each of `settings` is sure to cost, drawn towards its basin as far as noise asks.

    Where neighbours in rate differ as much as all settings do from the basin, that is noise, and
    the lucky ones among them are drawn to the basin; where the basin is what is wrong, neighbours
    agree. Where other parameters were searched too (`rate_alone` False), differences may be theirs,
    and less is taken for noise.
    """
    sure = {_key(one): cost for one, cost in zip(settings, assured_costs(settings), strict=True)}
    for one in located:
        if one.basin is None or not one.basin.matters or len(one.settings) < _FEWEST_SMOOTHED:
            continue
        x = np.log10([one.rate(s) for s in one.settings])
        fitted = one.basin.cost(x)
        kept = max(_own_share(one, x, fitted), 0.1 if rate_alone else 0.7)
        for setting, cost in zip(one.settings, fitted, strict=True):
            runs = len(setting.costs) * kept
            weight = runs / (runs + 1 - kept)
            sure[_key(setting)] = weight * sure[_key(setting)] + (1 - weight) * float(cost)
    return [sure[_key(one)] for one in settings]


def _own_share(one: Located, x: Array, fitted: Array) -> float:
    """The share of what settings near the bottom differ from the basin that is no noise."""
    near = fitted <= np.median(fitted)
    off = (np.array([s.cost for s in one.settings]) - fitted)[near][np.argsort(x[near])]
    spread = float(np.var(off))
    rough = float(np.mean(np.diff(off) ** 2)) / 2 if len(off) > 1 else 0.0
    return max(0.0, 1 - rough / spread) if spread > 0 else 1.0


def _key(one: Setting) -> frozenset[tuple[str, ParamValue]]:
    return frozenset(one.params.items())
