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

from lrsweep.analysis.diagnosis import NO_DIAGNOSES, Diagnoses, Diagnosis
from lrsweep.analysis.groups import (
    RateGroup,
    finite,
    group_trials,
    is_rounded,
    kind_among,
    power_of_two,
    rate_of,
    searched,
    within,
)
from lrsweep.analysis.noise import Noise, estimate_noise, is_seed, setting
from lrsweep.analysis.rates import RateAxis, Side
from lrsweep.analysis.scaling import Point, Scaling, scaling
from lrsweep.terms import is_batch_size
from lrsweep.trial import Direction, Outcome, StudyRows, TrialRow

_TIE = 0.01
_BANDS = (0.01, 0.05, 0.10)
_FEWEST_IN_BAND = 3
# A rule of thumb: below this many completed trials, and as many more for each further parameter,
# nothing is said of how wide the good rates lie or how far ahead the best trial is.
_FEWEST_TRIALS = 6
_MORE_FOR_EACH_PARAMETER = 3


@dataclass(frozen=True, slots=True)
class Tie:
    """The trials (other than the best) that cannot be told from it: no further than `tolerance`.

    `noise` is where the tolerance comes from; None means 1 % of the best value.
    """

    tolerance: float
    noise: Noise | None
    trials: tuple[TrialRow, ...]
    runner_up: TrialRow | None


@dataclass(frozen=True, slots=True)
class Repeats:
    """The best trial's own setting, run more than once: `values` from best to worst."""

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
    `batch_size` the one that was searched as that. `look` is that of the best trial's loss curve.
    """

    rows: StudyRows
    axes: tuple[RateAxis, ...]
    outcomes: Mapping[Outcome | None, int]
    parameters: tuple[str, ...]
    kind: str | None
    batch_size: str | None
    enough: bool
    best: TrialRow | None = None
    look: Diagnosis | None = None
    tie: Tie | None = None
    repeats: Repeats | None = None
    band: Band | None = None
    edges: tuple[Edge, ...] = ()
    divergence: Divergence | None = None
    groups: tuple[RateGroup, ...] = ()
    scalings: tuple[Scaling, ...] = ()


def survey(
    rows: StudyRows, axes: Sequence[RateAxis], diagnoses: Diagnoses = NO_DIAGNOSES
) -> Landscape:
    """The landscape of `rows`, whose learning rates were searched on `axes` (none is fine).

    `diagnoses` are those of the loss curves that were read, by trial.
    """
    parameters = tuple(name for name in searched(rows.trials) if not is_seed(name))
    done, best = finite(rows.trials), rows.best
    fewest = _FEWEST_TRIALS + _MORE_FOR_EACH_PARAMETER * max(0, len(parameters) - 1)
    kind = kind_among(parameters, rows.trials)
    batch_size = next(filter(is_batch_size, parameters), None)
    by_kind = _by_kind(rows, axes, kind)
    return Landscape(
        rows=rows,
        axes=tuple(axes),
        outcomes=Counter(trial.outcome for trial in rows.trials),
        parameters=parameters,
        kind=kind,
        batch_size=batch_size,
        enough=len(done) >= fewest,
        best=best,
        look=diagnoses.get(best.number) if best else None,
        tie=_tie(rows, best, done) if best else None,
        repeats=_repeats(rows, best, done) if best else None,
        band=_band(best, by_kind, axes) if best else None,
        edges=_edges(best, by_kind, axes, rows) if best else (),
        divergence=_divergence(by_kind, axes, rows.trials),
        groups=_groups(rows, axes, (kind, batch_size)),
        scalings=tuple(_scalings(by_kind, axes, batch_size, rows.direction)),
    )


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


def _tie(rows: StudyRows, best: TrialRow, done: Sequence[TrialRow]) -> Tie:
    assert best.value is not None
    noise = estimate_noise(done, rows.direction)
    tolerance = noise.least_difference if noise else _TIE * abs(best.value)
    others = sorted(
        (t for t in done if setting(t) != setting(best)),
        key=lambda t: rows.direction.sort_key(t.value),
    )
    level = [t for t in others if t.value is not None and abs(t.value - best.value) <= tolerance]
    ahead_of = others[len(level)] if len(level) < len(others) else None
    return Tie(tolerance=tolerance, noise=noise, trials=tuple(level), runner_up=ahead_of)


def _repeats(rows: StudyRows, best: TrialRow, done: Sequence[TrialRow]) -> Repeats | None:
    values = [t.value for t in done if t.value is not None and setting(t) == setting(best)]
    ordered = sorted(values, key=rows.direction.sort_key)
    return Repeats(tuple(ordered)) if len(ordered) > 1 else None


def _band(
    best: TrialRow, by_kind: Mapping[str, Sequence[TrialRow]], axes: Sequence[RateAxis]
) -> Band | None:
    kind = next((key for key, trials in by_kind.items() if best in trials), None)
    if kind is None:
        return None
    done = finite(by_kind[kind])
    for share in _BANDS:
        inside = within(share, best, done)
        if len(inside) >= _FEWEST_IN_BAND:
            rates = [r for t in inside if (r := rate_of(axes, t.params)) is not None]
            low, high = min(rates), max(rates)
            among = [r for t in done if (r := rate_of(axes, t.params)) and low <= r <= high]
            name = next(axis.name for axis in axes if axis.rate(best.params) is not None)
            worse = len(among) - len(inside)
            return Band(name, share, low, high, len(inside), worse, kind or None)
    return None


def _edges(
    best: TrialRow,
    by_kind: Mapping[str, Sequence[TrialRow]],
    axes: Sequence[RateAxis],
    rows: StudyRows,
) -> tuple[Edge, ...]:
    found: dict[tuple[RateAxis, Side], list[tuple[str, float]]] = {}
    for kind, trials in by_kind.items():
        done = finite(trials)
        winner = min(done, key=lambda t: rows.direction.sort_key(t.value), default=None)
        # One finished trial of an optimizer that did not win says nothing of where its rate lies.
        if winner is None or (winner is not best and len(done) < _FEWEST_IN_BAND):
            continue
        for axis in axes:
            rate = axis.rate(winner.params)
            if rate is not None and (side := _side(axis, rate, winner, trials)) is not None:
                found.setdefault((axis, side), []).append((kind, rate))
    return tuple(Edge(axis, side, tuple(rates)) for (axis, side), rates in found.items())


def _side(axis: RateAxis, rate: float, winner: TrialRow, trials: Sequence[TrialRow]) -> Side | None:
    """The side of `axis` at whose edge the rate of the best of `trials` lies."""
    trained = [t for t in trials if t.outcome in (Outcome.COMPLETED, Outcome.PRUNED)]
    level = within(_TIE, winner, finite(trials))
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
    rows: StudyRows, axes: Sequence[RateAxis], by: Sequence[str | None]
) -> tuple[RateGroup, ...]:
    names = [name for name in by if name is not None]
    return group_trials(rows.trials, names, axes, rows.direction) if names and axes else ()


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
            at = float(power_of_two(size) if rounded else size)
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
