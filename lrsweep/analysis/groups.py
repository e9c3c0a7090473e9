"""The best learning rate of each kind of training and batch size that was searched."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lrsweep.analysis.rates import RateAxis
from lrsweep.analysis.settings import Setting, assured_costs, is_finite, settings_of
from lrsweep.terms import is_batch_size, is_optimizer
from lrsweep.trial import Direction, Outcome, Params, ParamValue, TrialRow

# More batch sizes than this were drawn from a range; they are gathered by powers of two.
_MOST_BATCH_SIZES = 8

Key = tuple[tuple[str, ParamValue], ...]


@dataclass(frozen=True, slots=True)
class RateGroup:
    """What the trials of one kind, one batch size, or one pair of them say of the rate.

    `rate` is the best trial's, `low` and `high` span the rates of the `close` completed trials
    that come near it, and `diverges_from` is the lowest rate that diverged.
    """

    key: Key
    trials: int
    completed: int
    diverged: int
    best: TrialRow | None
    rate: float | None
    low: float | None
    high: float | None
    close: int
    diverges_from: float | None

    @property
    def label(self) -> str:
        """The values that make the group: "adamw, 64"."""
        return ", ".join(str(value) for _, value in self.key)


def searched(trials: Iterable[TrialRow]) -> tuple[str, ...]:
    """Names of the parameters that took two values or more, in the order trials hold them."""
    values: defaultdict[str, set[ParamValue]] = defaultdict(set)
    for trial in trials:
        for name, value in trial.params.items():
            values[name].add(value)
    return tuple(name for name, taken in values.items() if len(taken) > 1)


def kind_among(parameters: Sequence[str], trials: Sequence[TrialRow]) -> str | None:
    """Which of the searched `parameters` says what kind of training a trial is; None where none is.

    The optimizer, or else the first choice among texts: a schedule, a method, a model. The best
    rate is another for each.
    """
    texts = (n for n in parameters if all(isinstance(t.params.get(n), str | None) for t in trials))
    return next(filter(is_optimizer, parameters), None) or next(texts, None)


def rate_of(axes: Sequence[RateAxis], params: Params) -> float | None:
    """The learning rate of a trial on whichever of `axes` it took one."""
    return next((rate for axis in axes if (rate := axis.rate(params)) is not None), None)


def finite(trials: Iterable[TrialRow]) -> list[TrialRow]:
    """The completed trials with a finite objective."""
    return [t for t in trials if is_finite(t)]


def within(reach: float, best: float, settings: Iterable[Setting]) -> list[Setting]:
    """Of `settings`, those whose cost is no further than `reach` above `best`."""
    return [one for one in settings if one.cost - best <= reach]


def winner_of(settings: Sequence[Setting], costs: Sequence[float] | None = None) -> Setting | None:
    """The setting that is surest to be good, by `costs` or `assured_costs`; ties to the earlier."""
    costs = assured_costs(settings) if costs is None else costs
    return min(zip(costs, settings, strict=True), key=lambda pair: pair[0])[1] if costs else None


def is_rounded(trials: Iterable[TrialRow], name: str) -> bool:
    """Whether `name` is a batch size drawn from a range, grouped to the nearest power of two."""
    return is_batch_size(name) and len({t.params.get(name) for t in trials}) > _MOST_BATCH_SIZES


def group_trials(
    trials: Sequence[TrialRow],
    names: Sequence[str],
    axes: Sequence[RateAxis],
    direction: Direction,
    reach: float,
) -> tuple[RateGroup, ...]:
    """One `RateGroup` for each set of values that the parameters `names` took, in order.

    Trials are close to the best of their group within `reach`, in units of the objective.
    """
    rounded = {name: is_rounded(trials, name) for name in names}
    groups: defaultdict[Key, list[TrialRow]] = defaultdict(list)
    for trial in trials:
        if all(name in trial.params for name in names):
            key = tuple(
                (name, power_of_two(trial.params[name]) if rounded[name] else trial.params[name])
                for name in names
            )
            groups[key].append(trial)
    ordered = sorted(groups, key=lambda key: [_sortable(value) for _, value in key])
    return tuple(_group(key, groups[key], axes, direction, reach) for key in ordered)


def _group(
    key: Key,
    trials: Sequence[TrialRow],
    axes: Sequence[RateAxis],
    direction: Direction,
    reach: float,
) -> RateGroup:
    settings = settings_of([t for t in trials if rate_of(axes, t.params) is not None], direction)
    winner = winner_of(settings)
    best = winner.shown if winner is not None else None
    close = within(reach, winner.cost, settings) if winner is not None else []
    rates = [r for one in close if (r := rate_of(axes, one.params)) is not None]
    diverged = [t for t in trials if t.outcome is Outcome.DIVERGED]
    exploded = [r for t in diverged if (r := rate_of(axes, t.params)) is not None]
    return RateGroup(
        key=key,
        trials=len(trials),
        completed=sum(t.outcome is Outcome.COMPLETED for t in trials),
        diverged=len(diverged),
        best=best,
        rate=None if best is None else rate_of(axes, best.params),
        low=min(rates, default=None),
        high=max(rates, default=None),
        close=len(close),
        diverges_from=min(exploded, default=None),
    )


def power_of_two(value: ParamValue) -> ParamValue:
    """The power of two nearest to a batch size."""
    if isinstance(value, str | None) or value <= 0:
        return value
    return 1 << max(0, round(math.log2(value)))


def _sortable(value: ParamValue) -> tuple[float, str]:
    return (math.inf, value or "") if isinstance(value, str | None) else (float(value), "")
