"""What the trials of a study support about the learning rate, as numbers.

`lrsweep.analysis.statements` puts them into sentences. Every claim is held to what was measured: a
tie is a tie, an optimum at the edge of the space is no optimum, and few trials say little.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from lrsweep.analysis.comparison import Confirmed, confirmed
from lrsweep.analysis.diagnosis import NO_DIAGNOSES, Diagnoses, Diagnosis
from lrsweep.analysis.gain import Gain, initial_costs, learned, measure_gain
from lrsweep.analysis.groups import (
    RateGroup,
    finite,
    group_trials,
    is_rounded,
    kind_among,
    power_of_two,
    rate_of,
    searched,
    winner_of,
    within,
)
from lrsweep.analysis.influence import without_effect
from lrsweep.analysis.rates import RateAxis, Side
from lrsweep.analysis.scaling import Point, Scaling, scaling
from lrsweep.analysis.settings import (
    Noise,
    Setting,
    cost_of,
    estimate_noise,
    is_seed,
    settings_of,
)
from lrsweep.terms import is_batch_size
from lrsweep.trial import Direction, Outcome, StudyRows, TrialRow

_TIE = 0.01
_BANDS = (0.01, 0.05, 0.10)
_CLOSE = 0.05
_FEWEST_IN_BAND = 3
# A rule of thumb: below this many completed trials, and as many more for each further parameter,
# nothing is said of how wide the good rates lie or how far ahead the best trial is.
_FEWEST_TRIALS = 6
_MORE_FOR_EACH_PARAMETER = 3


@dataclass(frozen=True, slots=True)
class Tie:
    """The settings (other than the winner) that cannot be told from it: within `tolerance`.

    `noise` is where the tolerance comes from; None means 1 % of the gain.
    """

    tolerance: float
    noise: Noise | None
    settings: tuple[Setting, ...]
    runner_up: Setting | None


@dataclass(frozen=True, slots=True)
class Repeats:
    """The winning setting, run more than once: `values` from best to worst."""

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        return fmean(self.values)


@dataclass(frozen=True, slots=True)
class Band:
    """The rates of the `inside` trials within `share` of the best; `worse` others lie among them.

    `kind` is set where several were searched: the band is that of the best trial's.
    """

    name: str
    share: float
    low: float
    high: float
    inside: int
    worse: int
    kind: str | None


@dataclass(frozen=True, slots=True)
class Edge:
    """Best rates that lie at one end of `axis`, by kind ("" where only one was used)."""

    axis: RateAxis
    side: Side
    rates: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Divergence:
    """Trials that diverged, of `trained` trials; of rates, the `lowest` that did.

    From the rate `all_from` up, all did. `by_kind` gives the lowest for each of several.
    """

    diverged: int
    trained: int
    name: str
    lowest: float | None
    all_from: float | None
    by_kind: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Landscape:
    """What `StudyRows` support about the learning rate; see the types of the fields.

    `kind` is the parameter that says what kind of training a trial is, an optimizer for one;
    `batch_size` the one that was searched as that. `winner` is the setting whose mean is surest to
    be best. `learned` is False where no trial got below its untrained loss by more than noise, and
    `without_effect` names parameters under which every result was exactly the same. `look` is that
    of the loss curve of `best`.
    """

    rows: StudyRows
    axes: tuple[RateAxis, ...]
    outcomes: Mapping[Outcome | None, int]
    parameters: tuple[str, ...]
    kind: str | None
    batch_size: str | None
    enough: bool
    settings: tuple[Setting, ...] = ()
    winner: Setting | None = None
    gain: Gain | None = None
    learned: bool = True
    without_effect: tuple[str, ...] = ()
    confirmed: Confirmed | None = None
    look: Diagnosis | None = None
    tie: Tie | None = None
    repeats: Repeats | None = None
    band: Band | None = None
    edges: tuple[Edge, ...] = ()
    divergence: Divergence | None = None
    groups: tuple[RateGroup, ...] = ()
    scalings: tuple[Scaling, ...] = ()

    @property
    def best(self) -> TrialRow | None:
        """The run that shows what the winning setting gives; None where nothing completed."""
        return None if self.winner is None else self.winner.shown

    @property
    def recommends(self) -> bool:
        """Whether the data supports recommending the winner at all."""
        rates = {axis.name for axis in self.axes}
        ignored = bool(rates) and rates <= set(self.without_effect)
        return self.winner is not None and self.learned and not ignored


def survey(
    rows: StudyRows, axes: Sequence[RateAxis], diagnoses: Diagnoses = NO_DIAGNOSES
) -> Landscape:
    """The landscape of `rows`, whose learning rates were searched on `axes` (none is fine).

    `diagnoses` are those of the loss curves that were read, by trial.
    """
    parameters = tuple(name for name in searched(rows.trials) if not is_seed(name))
    settings = settings_of(rows.trials, rows.direction)
    winner = winner_of(settings)
    gain, has_learned = _gain(rows, axes, settings, winner)
    fewest = _FEWEST_TRIALS + _MORE_FOR_EACH_PARAMETER * max(0, len(parameters) - 1)
    kind = kind_among(parameters, rows.trials)
    batch_size = next(filter(is_batch_size, parameters), None)
    by_kind = _by_kind(rows, axes, kind)
    one_percent = gain.share(_TIE) if gain else 0.0
    return Landscape(
        rows=rows,
        axes=tuple(axes),
        outcomes=Counter(trial.outcome for trial in rows.trials),
        parameters=parameters,
        kind=kind,
        batch_size=batch_size,
        enough=len(finite(rows.trials)) >= fewest,
        settings=settings,
        winner=winner,
        gain=gain,
        learned=has_learned,
        without_effect=without_effect(rows.trials, parameters, rows.direction),
        confirmed=confirmed(settings),
        look=diagnoses.get(winner.shown.number) if winner else None,
        tie=_tie(winner, settings, one_percent) if winner else None,
        repeats=_repeats(winner, rows.direction) if winner else None,
        band=_band(winner, by_kind, axes, rows.direction, gain) if winner and gain else None,
        edges=_edges(winner, by_kind, axes, rows.direction, one_percent) if winner else (),
        divergence=_divergence(by_kind, axes, rows.trials),
        groups=_groups(rows, axes, (kind, batch_size), gain),
        scalings=tuple(_scalings(by_kind, axes, batch_size, rows.direction)),
    )


def _gain(
    rows: StudyRows, axes: Sequence[RateAxis], settings: Sequence[Setting], winner: Setting | None
) -> tuple[Gain | None, bool]:
    if winner is None:
        return None, True
    initial = initial_costs(rows.metrics, rows.metric, rows.direction)
    points = [(rate_of(axes, one.params), one.cost) for one in settings]
    final = {t.number: cost_of(t, rows.direction) for t in finite(rows.trials)}
    gain = measure_gain(points, winner.cost, list(initial.values()))
    return gain, learned(final, initial)


def _by_kind(
    rows: StudyRows, axes: Sequence[RateAxis], name: str | None
) -> dict[str, list[TrialRow]]:
    """The trials that have a rate, by kind of training; under "" where there is one alone."""
    found: dict[str, list[TrialRow]] = {}
    for trial in rows.trials:
        if rate_of(axes, trial.params) is not None:
            key = "" if name is None else str(trial.params.get(name, ""))
            found.setdefault(key, []).append(trial)
    return dict(sorted(found.items()))


def _tie(winner: Setting, settings: Sequence[Setting], one_percent: float) -> Tie:
    noise = estimate_noise(settings)
    tolerance = noise.least_difference if noise else one_percent
    others = sorted((one for one in settings if one is not winner), key=lambda one: one.cost)
    level = [one for one in others if one.cost - winner.cost <= tolerance]
    ahead_of = others[len(level)] if len(level) < len(others) else None
    return Tie(tolerance=tolerance, noise=noise, settings=tuple(level), runner_up=ahead_of)


def _repeats(winner: Setting, direction: Direction) -> Repeats | None:
    values = [t.value for t in finite(winner.runs) if t.value is not None]
    ordered = sorted(values, key=direction.sort_key)
    return Repeats(tuple(ordered)) if len(ordered) > 1 else None


def _band(
    winner: Setting,
    by_kind: Mapping[str, Sequence[TrialRow]],
    axes: Sequence[RateAxis],
    direction: Direction,
    gain: Gain,
) -> Band | None:
    best = winner.shown
    kind = next((key for key, trials in by_kind.items() if best in trials), None)
    if kind is None:
        return None
    done = settings_of(by_kind[kind], direction)
    for share in _BANDS:
        inside = within(gain.share(share), winner.cost, done)
        if len(inside) >= _FEWEST_IN_BAND:
            rates = [r for one in inside if (r := rate_of(axes, one.params)) is not None]
            low, high = min(rates), max(rates)
            among = [r for one in done if (r := rate_of(axes, one.params)) and low <= r <= high]
            name = next(axis.name for axis in axes if axis.rate(best.params) is not None)
            worse = len(among) - len(inside)
            return Band(name, share, low, high, len(inside), worse, kind or None)
    return None


def _edges(
    winner: Setting,
    by_kind: Mapping[str, Sequence[TrialRow]],
    axes: Sequence[RateAxis],
    direction: Direction,
    level: float,
) -> tuple[Edge, ...]:
    found: dict[tuple[RateAxis, Side], list[tuple[str, float]]] = {}
    for kind, trials in by_kind.items():
        done = settings_of(trials, direction)
        best = winner_of(done)
        # One finished trial of an optimizer that did not win says nothing of where its rate lies.
        if best is None or (best.params != winner.params and len(done) < _FEWEST_IN_BAND):
            continue
        for axis in axes:
            rate = axis.rate(best.params)
            if rate is not None:
                side = _side(axis, rate, best, trials, direction, level)
                if side is not None:
                    found.setdefault((axis, side), []).append((kind, rate))
    return tuple(Edge(axis, side, tuple(rates)) for (axis, side), rates in found.items())


def _side(
    axis: RateAxis,
    rate: float,
    best: Setting,
    trials: Sequence[TrialRow],
    direction: Direction,
    reach: float,
) -> Side | None:
    """The side of `axis` at whose edge the rate of the best of `trials` lies."""
    trained = [t for t in trials if t.outcome in (Outcome.COMPLETED, Outcome.PRUNED)]
    level = [t for t in finite(trials) if cost_of(t, direction) - best.cost <= reach]
    numbers = {t.number for t in level}
    worse = [t for t in trained if t.number not in numbers]
    diverged = [t for t in trials if t.outcome is Outcome.DIVERGED]
    if len(trained) < 2:
        return None
    return axis.edge(rate, _rates(axis, level), _rates(axis, worse), _rates(axis, diverged))


def _divergence(
    by_kind: Mapping[str, Sequence[TrialRow]],
    axes: Sequence[RateAxis],
    trials: Sequence[TrialRow],
) -> Divergence | None:
    diverged = sum(t.outcome is Outcome.DIVERGED for t in trials)
    if not diverged:
        return None
    lowest = {
        kind: min(rates)
        for kind, group in by_kind.items()
        if (rates := _all_rates(axes, group, Outcome.DIVERGED))
    }
    return Divergence(
        diverged=diverged,
        trained=sum(t.outcome is not None and t.outcome.informs for t in trials),
        name=axes[0].name if axes else "",
        lowest=min(lowest.values(), default=None),
        all_from=_all_from(axes, trials),
        by_kind=tuple(lowest.items()) if len(by_kind) > 1 else (),
    )


def _all_from(axes: Sequence[RateAxis], trials: Sequence[TrialRow]) -> float | None:
    """The lowest rate above which every trial that trained diverged."""
    held = _all_rates(axes, trials, Outcome.COMPLETED, Outcome.PRUNED)
    highest_held = max(held, default=float("-inf"))
    beyond = [r for r in _all_rates(axes, trials, Outcome.DIVERGED) if r > highest_held]
    return min(beyond, default=None)


def _groups(
    rows: StudyRows, axes: Sequence[RateAxis], by: Sequence[str | None], gain: Gain | None
) -> tuple[RateGroup, ...]:
    names = [name for name in by if name is not None]
    if not names or not axes:
        return ()
    reach = gain.share(_CLOSE) if gain else 0.0
    return group_trials(rows.trials, names, axes, rows.direction, reach)


def _scalings(
    by_kind: Mapping[str, Sequence[TrialRow]],
    axes: Sequence[RateAxis],
    name: str | None,
    direction: Direction,
) -> Iterator[Scaling]:
    if name is None:
        return
    for kind, trials in by_kind.items():
        rounded = is_rounded(trials, name)
        points: dict[float, list[Point]] = {}
        for trial in trials:
            size, rate = trial.params.get(name), rate_of(axes, trial.params)
            trained = trial.outcome in (Outcome.COMPLETED, Outcome.DIVERGED)
            if not trained or isinstance(size, str | None) or trial.value is None:
                continue
            if rate is None or rate <= 0 or size <= 0:
                continue
            at = float((power_of_two(size) if rounded else size) or size)
            points.setdefault(at, []).append((math.log(rate), direction.sort_key(trial.value)))
        if (found := scaling(kind, points)) is not None:
            yield found


def _rates(axis: RateAxis, trials: Sequence[TrialRow]) -> list[float]:
    return [rate for trial in trials if (rate := axis.rate(trial.params)) is not None]


def _all_rates(
    axes: Sequence[RateAxis], trials: Sequence[TrialRow], *outcomes: Outcome
) -> list[float]:
    return [
        rate
        for trial in trials
        if trial.outcome in outcomes and (rate := rate_of(axes, trial.params)) is not None
    ]
