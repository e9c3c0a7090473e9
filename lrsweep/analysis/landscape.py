"""What the trials of a study support about the learning rate, as numbers.

`lrsweep.analysis.statements` puts them into sentences. Every claim is held to what was measured: a
tie is a tie, an optimum at the edge of the space is no optimum, and few trials say little.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from lrsweep.analysis.comparison import Confirmed, confirmed
from lrsweep.analysis.diagnosis import NO_DIAGNOSES, Diagnoses, Diagnosis
from lrsweep.analysis.divergence import Divergence, divergence
from lrsweep.analysis.gain import Gain, initial_costs, learned, measure_gain
from lrsweep.analysis.groups import (
    RateGroup,
    finite,
    group_trials,
    kind_among,
    rate_of,
    searched,
    winner_of,
)
from lrsweep.analysis.influence import without_effect
from lrsweep.analysis.located import Located, drawn_to_basin, locate
from lrsweep.analysis.rates import RateAxis, Side
from lrsweep.analysis.scaling import Scaling, scalings
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
_BANDS = (0.01, 0.05)
_CLOSE = 0.05
# The difference of two single runs that chance exceeds once in twenty, in standard deviations.
_LEAST_DIFFERENCE = 1.96 * math.sqrt(2)
# A rule of thumb: below this many completed trials, and as many more for each further parameter,
# nothing is said of how wide the good rates lie or how far ahead the best trial is.
_FEWEST_TRIALS = 6
_MORE_FOR_EACH_PARAMETER = 3


@dataclass(frozen=True, slots=True)
class Tie:
    """The settings (other than the winner) that cannot be told from it: within `tolerance`.

    The tolerance comes from `noise`, measured on repeated settings; where there are none from the
    `scatter` of single runs about the basin, or else it is 1 % of the gain.
    """

    tolerance: float
    noise: Noise | None
    scatter: float | None
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
    """The rates `name` from `low` to `high` cost at most `reach` more than the best one.

    `reach` is `share` of the gain, or the noise of a run where `share` is None. Ends that reach
    past what was tried are cut there (`open_low`, `open_high`).
    """

    name: str
    share: float | None
    reach: float
    low: float
    high: float
    open_low: bool
    open_high: bool


@dataclass(frozen=True, slots=True)
class Edge:
    """Best rates that may lie at or beyond one end of `axis`, by place ("" where there is one)."""

    axis: RateAxis
    side: Side
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Landscape:
    """What `StudyRows` support about the learning rate; see the types of the fields.

    `kind` is the parameter that says what kind of training a trial is, an optimizer for one;
    `batch_size` the one that was searched as that. `winner` is the setting whose mean is surest to
    be best, the first of `ranked`; `home` is the place it was run in. `learned` is False where no
    trial got below its untrained loss by more than noise; `without_effect` names parameters under
    which every result was exactly the same, and `rate_matters` is False where enough trials show no
    more than noise along the rate. `look` is that of the loss curve of `best`.
    """

    rows: StudyRows
    axes: tuple[RateAxis, ...]
    outcomes: Mapping[Outcome | None, int]
    parameters: tuple[str, ...]
    kind: str | None
    batch_size: str | None
    enough: bool
    settings: tuple[Setting, ...] = ()
    ranked: tuple[Setting, ...] = ()
    located: tuple[Located, ...] = ()
    winner: Setting | None = None
    gain: Gain | None = None
    learned: bool = True
    without_effect: tuple[str, ...] = ()
    confirmed: Confirmed | None = None
    look: Diagnosis | None = None
    tie: Tie | None = None
    repeats: Repeats | None = None
    bands: tuple[Band, ...] = ()
    edges: tuple[Edge, ...] = ()
    divergence: Divergence | None = None
    groups: tuple[RateGroup, ...] = ()
    scalings: tuple[Scaling, ...] = ()

    @property
    def best(self) -> TrialRow | None:
        """The run that shows what the winning setting gives; None where nothing completed."""
        return None if self.winner is None else self.winner.shown

    @property
    def home(self) -> Located | None:
        """The place of the winner."""
        return _home(self.located, self.winner)

    @property
    def band(self) -> Band | None:
        """The rates of the winner's place that cost at most 5 % of the gain."""
        return next((band for band in self.bands if band.share == _CLOSE), None)

    @property
    def rate_matters(self) -> bool:
        basins = [one.basin for one in self.located if one.basin is not None]
        return not basins or not self.enough or any(basin.matters for basin in basins)

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
    fewest = _FEWEST_TRIALS + _MORE_FOR_EACH_PARAMETER * max(0, len(parameters) - 1)
    kind = kind_among(parameters, rows.trials)
    batch_size = next(filter(is_batch_size, parameters), None)
    by_kind = _by_kind(rows, axes, kind)
    located = locate(rows.trials, axes, kind, batch_size, rows.direction) if axes else ()
    modelled = {kind, batch_size, *(axis.name for axis in axes)}
    alone = modelled >= set(parameters)
    costs = drawn_to_basin(settings, located, rate_alone=alone)
    winner = winner_of(settings, costs)
    gain, has_learned = _gain(rows, axes, settings, winner)
    home = _home(located, winner)
    tie = _tie(winner, settings, gain, home if alone else None) if winner and gain else None
    return Landscape(
        rows=rows,
        axes=tuple(axes),
        outcomes=Counter(trial.outcome for trial in rows.trials),
        parameters=parameters,
        kind=kind,
        batch_size=batch_size,
        enough=len(finite(rows.trials)) >= fewest,
        settings=settings,
        ranked=tuple(settings[i] for i in sorted(range(len(costs)), key=costs.__getitem__)),
        located=located,
        winner=winner,
        gain=gain,
        learned=has_learned,
        without_effect=without_effect(rows.trials, parameters, rows.direction),
        confirmed=confirmed(settings),
        look=diagnoses.get(winner.shown.number) if winner else None,
        tie=tie,
        repeats=_repeats(winner, rows.direction) if winner else None,
        bands=tuple(_bands(home, gain, tie)) if home and gain else (),
        edges=_edges(located, batch_size),
        divergence=divergence(by_kind, axes, rows.trials),
        groups=_groups(rows, axes, (kind, batch_size), gain),
        scalings=tuple(scalings(located)) if batch_size else (),
    )


def _home(located: Sequence[Located], winner: Setting | None) -> Located | None:
    if winner is None:
        return None
    number = winner.runs[0].number
    return next(
        (one for one in located for s in one.settings for run in s.runs if run.number == number),
        None,
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


def _tie(winner: Setting, settings: Sequence[Setting], gain: Gain, home: Located | None) -> Tie:
    """`home` is that of the winner where the rate explains all but noise, else None."""
    noise = estimate_noise(settings)
    scatter = None
    if noise is not None:
        tolerance = noise.least_difference
    else:
        basin = home.basin if home is not None else None
        if basin is not None and _LEAST_DIFFERENCE * basin.noise > gain.share(_TIE):
            scatter = basin.noise
        tolerance = gain.share(_TIE) if scatter is None else _LEAST_DIFFERENCE * scatter
    others = sorted((one for one in settings if one is not winner), key=lambda one: one.cost)
    level = [one for one in others if one.cost - winner.cost <= tolerance]
    ahead_of = others[len(level)] if len(level) < len(others) else None
    return Tie(tolerance, noise, scatter, tuple(level), ahead_of)


def _repeats(winner: Setting, direction: Direction) -> Repeats | None:
    values = [t.value for t in finite(winner.runs) if t.value is not None]
    ordered = sorted(values, key=direction.sort_key)
    return Repeats(tuple(ordered)) if len(ordered) > 1 else None


def _bands(home: Located, gain: Gain, tie: Tie | None) -> list[Band]:
    basin = home.basin
    if basin is None or not basin.matters:
        return []
    reaches: list[tuple[float | None, float]] = [(share, gain.share(share)) for share in _BANDS]
    if tie is not None and tie.noise is not None:
        reaches.append((None, tie.noise.sd))
    elif tie is not None and tie.scatter is not None:
        reaches.append((None, tie.scatter))
    tried = (10 ** basin.tried[0], min([10 ** basin.tried[1], *home.diverged]))
    found = []
    for share, reach in reaches:
        low, high = (10**end for end in basin.band(reach))
        if low < tried[1] and high > tried[0]:
            found.append(
                Band(
                    home.axis.name,
                    share,
                    reach,
                    max(low, tried[0]),
                    min(high, tried[1]),
                    low < tried[0],
                    high > tried[1] and not home.diverged,
                )
            )
    return found


def _edges(located: Sequence[Located], batch_size: str | None) -> tuple[Edge, ...]:
    """The edges of every place; a kind whose batch sizes all agree is named alone."""
    found: dict[tuple[RateAxis, Side], list[Located]] = {}
    for one in located:
        if (side := one.edge) is not None:
            found.setdefault((one.axis, side), []).append(one)
    return tuple(
        Edge(axis, side, tuple(_names(ones, located, batch_size)))
        for (axis, side), ones in found.items()
    )


def _names(
    ones: Sequence[Located], located: Sequence[Located], batch_size: str | None
) -> list[str]:
    names = []
    for kind in dict.fromkeys(one.place.kind for one in ones):
        sizes = [one.place.batch_size for one in ones if one.place.kind == kind]
        known = [one for one in located if one.place.kind == kind and one.basin is not None]
        if batch_size is None or len(sizes) >= len(known):
            names.append(kind)
        else:
            of = " and ".join(f"{size:g}" for size in sizes if size is not None)
            names.append(f"{kind} at {batch_size} {of}" if kind else f"{batch_size} {of}")
    return [name for name in names if name]


def _groups(
    rows: StudyRows, axes: Sequence[RateAxis], by: Sequence[str | None], gain: Gain | None
) -> tuple[RateGroup, ...]:
    names = [name for name in by if name is not None]
    if not names or not axes:
        return ()
    reach = gain.share(_CLOSE) if gain else 0.0
    return group_trials(rows.trials, names, axes, rows.direction, reach)
