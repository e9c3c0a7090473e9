"""Rows in, reports out: which value is the objective, and at which step every curve stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lrsweep.capture.names import meant_by
from lrsweep.capture.rows import Axis, Form, Position, Row
from lrsweep.capture.spec import CaptureSpec, Rank
from lrsweep.capture.track import Point, Track
from lrsweep.trial import Report

# Names beyond this are not followed: a script that prints a new name with every line is no curve.
_MOST_NAMES = 200
_MOST_HELD = 10_000
_REGEX = "regex"


@dataclass(frozen=True, slots=True)
class Seen:
    """One metric as a finished attempt shows it. `source` is the log or file pattern it was in."""

    name: str
    source: str
    points: int
    first: float
    last: float
    first_step: int
    last_step: int
    axis: Axis


@dataclass(slots=True)
class _Source:
    """One place and form in which a metric is shown, and the points that wait there untold."""

    rank: Rank
    track: Track
    held: list[Point] = field(default_factory=list)
    only_repeats: bool = True

    def hold(self, point: Point) -> None:
        self.held.append(point)
        if len(self.held) > _MOST_HELD:
            del self.held[1::2]


@dataclass(slots=True)
class _Metric:
    """A metric by its name, every source of it, and the one that is told."""

    sources: dict[Rank, _Source] = field(default_factory=dict)
    told: _Source | None = None

    def forget_below(self, rank: Rank) -> None:
        self.sources = {at: source for at, source in self.sources.items() if at >= rank}

    @property
    def best(self) -> _Source | None:
        return max(self.sources.values(), key=lambda source: source.rank, default=None)


class Curves:
    """The curves of one attempt, fed by every source that it writes to.

    Steps only grow. They are the script's own where it names them: its epochs, its steps (those
    that start again in every epoch are added up), its examples. A value without a position, or one
    that repeats the position of the value before it, counts as the next point.

    A metric has one source, the surest that shows it (see `Form`), whichever came first: where a
    surer one appears, a report says that it `replaces` what was told, and all of its points follow.
    What is told in the end depends on what each source wrote, and not on when it was read.
    """

    def __init__(self, spec: CaptureSpec, trial: int, attempt: int) -> None:
        self._spec = spec
        self._trial = trial
        self._attempt = attempt
        self._expected = spec.expected
        self._metrics: dict[str, _Metric] = {}
        self._refused: set[tuple[str, str]] = set()
        self._meant: tuple[str, ...] = ()
        if spec.regex is not None:
            metric = self._metrics[spec.metric] = _Metric()
            rank = (Form.RECORD, True)
            metric.told = metric.sources[rank] = _Source(rank, Track(_REGEX))
            self._meant = (spec.metric,)

    @property
    def seen(self) -> tuple[Seen, ...]:
        """Every metric that was seen, in order."""
        tracks = [
            (name, source.track)
            for name, metric in self._metrics.items()
            if (source := metric.told or metric.best) is not None
        ]
        return tuple(
            Seen(
                name,
                track.source,
                track.points,
                track.first.value,
                track.last.value,
                track.first.step,
                track.last.step,
                track.axis,
            )
            for name, track in tracks
            if track.first and track.last and track.axis
        )

    @property
    def told(self) -> frozenset[str]:
        """The names under which metrics were reported."""
        return frozenset(
            self._public(name) for name, metric in self._metrics.items() if metric.told is not None
        )

    @property
    def has_objective(self) -> bool:
        """Whether the metric that the user asked for was reported."""
        if len(self._meant) != 1:
            return False
        metric = self._metrics.get(self._meant[0])
        return metric is not None and metric.told is not None and metric.told.track.points > 0

    @property
    def conflict(self) -> tuple[str, ...]:
        """The names that the metric may mean where it may mean several: none of them is reported
        as the objective, since that would be a guess."""
        return self._meant if len(self._meant) > 1 else ()

    def add(
        self, row: Row, source: str, at: float, *, redrawn: bool = False, skipped: int = 0
    ) -> list[Report]:
        """What `row`, read at Unix time `at`, adds to the curves.

        `redrawn` says that the line was drawn over another, as progress bars are: a value that did
        not change is then no new point. `skipped` lines like it were left out before it.
        """
        form = Form.BAR if redrawn else row.form
        rank = (form, source != "stderr.log")
        reports: list[Report] = []
        points: dict[str, Point] = {}
        for name, value in row.values.items():
            before = self._meant
            metric = self._metrics.get(name) or self._begin(name, source)
            if metric is None:
                continue
            if len(before) == 1 and self._meant != before:
                reports.append(self._void(at))
            one = metric.sources.get(rank)
            if one is None:
                if metric.told is not None and rank < metric.told.rank:
                    continue
                one = metric.sources[rank] = _Source(rank, Track(source))
            point = one.track.follow(
                value, row, redrawn=redrawn, skipped=skipped, batch_size=self._spec.batch_size
            )
            if point is None or (metric.told is not None and rank < metric.told.rank):
                continue
            if one is metric.told:
                points[name] = point
                continue
            if metric.told is None and not self._expected.waits(name, rank) and not one.held:
                metric.told, points[name] = one, point
                metric.forget_below(rank)
                continue
            one.hold(point)
            if not self._waits(name, metric, one, value):
                reports += self._take_over(name, metric, one, at)
        return reports + self._reports(points, at)

    def add_objective(
        self, value: float, step: int | None, at: float, *, skipped: int = 0
    ) -> list[Report]:
        """The objective as the user's regex finds it."""
        told = self._metrics[self._spec.metric].told
        assert told is not None
        point = told.track.advance(value, Position(step=step), skipped, self._spec.batch_size)
        return self._reports({self._spec.metric: point}, at)

    def finish(self, at: float) -> list[Report]:
        """What waited for a surer source that did not come. The attempt has ended."""
        reports: list[Report] = []
        for name, metric in self._metrics.items():
            waiting = [s for s in metric.sources.values() if s.held and s is not metric.told]
            best = max(waiting, key=lambda source: source.rank, default=None)
            told = metric.told
            surer = told is None or (best is not None and best.rank > told.rank)
            if best is not None and surer and (told is None or not best.only_repeats):
                reports += self._take_over(name, metric, best, at)
            if metric.told is not None:
                self._expected.learn(name, metric.told.rank)
        return reports

    def _waits(self, name: str, metric: _Metric, one: _Source, value: float) -> bool:
        """Whether a source is not to be told yet: a surer one is expected, or what it shows has
        only been said again so far."""
        if metric.told is not None:
            one.only_repeats = one.only_repeats and metric.told.track.has_said(value)
            if one.only_repeats:
                return True
        else:
            one.only_repeats = False
        return self._expected.waits(name, one.rank)

    def _take_over(self, name: str, metric: _Metric, one: _Source, at: float) -> list[Report]:
        void = [] if metric.told is None else [self._void(at, name)]
        metric.told, points = one, one.held
        one.held = []
        metric.forget_below(one.rank)
        return [*void, *(r for point in points for r in self._reports({name: point}, at))]

    def _void(self, at: float, name: str | None = None) -> Report:
        """Nothing that was told of a metric, by default the objective, holds any more."""
        void = self._spec.metric if name is None else self._public(name)
        return Report(self._trial, self._attempt, 0, {}, at=at, replaces=frozenset({void}))

    def _begin(self, name: str, source: str) -> _Metric | None:
        """A name that was not seen yet; None for one that is not followed."""
        if (name, source) in self._refused:
            return None
        elsewhere = self._spec.regex is not None or (
            self._spec.files and source not in self._spec.files
        )
        wanted = bool(meant_by(self._spec.metric, (name,)))
        if wanted and elsewhere:
            # The user said where the objective is; its likeness must not pass for it.
            self._refused.add((name, source))
            return None
        if len(self._metrics) >= _MOST_NAMES and not wanted:
            return None
        metric = self._metrics[name] = _Metric()
        if wanted:
            self._meant = meant_by(self._spec.metric, self._metrics)
        return metric

    def _reports(self, points: Mapping[str, Point], at: float) -> list[Report]:
        """One report for all that stands at the same place."""
        places: dict[tuple[int, int | None], dict[str, float]] = {}
        first: dict[tuple[int, int | None], Point] = {}
        for name, point in points.items():
            key = (point.step, point.examples)
            places.setdefault(key, {})[self._public(name)] = point.value
            first[key] = point
        return [
            Report(
                self._trial,
                self._attempt,
                step,
                metrics,
                examples,
                first[step, examples].fraction,
                at,
                fold=first[step, examples].fold,
                named=first[step, examples].named,
            )
            for (step, examples), metrics in places.items()
        ]

    def _public(self, name: str) -> str:
        return self._spec.metric if self._meant == (name,) else name
