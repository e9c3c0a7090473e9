"""Rows in, reports out: which value is the objective, and at which step every curve stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lrsweep.capture.names import meant_by
from lrsweep.capture.rows import Axis, Position, Row
from lrsweep.capture.spec import CaptureSpec
from lrsweep.trial import Report

# Names beyond this are not followed: a script that prints a new name with every line is no curve.
_MOST_NAMES = 200


@dataclass(frozen=True, slots=True)
class _Point:
    step: int
    value: float
    fraction: float | None
    examples: int | None


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
class _Track:
    """Where one curve stands."""

    source: str
    first: _Point | None = None
    last: _Point | None = None
    axis: Axis | None = None
    points: int = 0
    # The part of the position that starts again in every epoch, and what the epochs before add.
    inner: int = -1
    offset: int = 0
    epoch: float | None = None


class Curves:
    """The curves of one attempt, fed by every source that it writes to.

    Steps only grow. They are the script's own where it names them: its epochs, its steps (those
    that start again in every epoch are added up), its examples. A value without a position, or one
    that repeats the position of the value before it, counts as the next point.

    A name belongs to the source that showed it first.
    """

    def __init__(self, spec: CaptureSpec, trial: int, attempt: int) -> None:
        self._spec = spec
        self._trial = trial
        self._attempt = attempt
        self._tracks: dict[str, _Track] = {}
        self._refused: set[tuple[str, str]] = set()
        self._meant: tuple[str, ...] = ()
        self._first_epoch: float | None = None
        if spec.regex is not None:
            self._tracks[spec.metric] = _Track(source="regex")
            self._meant = (spec.metric,)

    @property
    def seen(self) -> tuple[Seen, ...]:
        """Every metric that was seen, in order."""
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
            for name, track in self._tracks.items()
            if track.first and track.last and track.axis
        )

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
        if self._first_epoch is None and row.position.epoch is not None:
            self._first_epoch = row.position.epoch
        points = {
            name: point
            for name, value in row.values.items()
            if (point := self._follow(name, value, row.position, source, redrawn, skipped))
        }
        return self._reports(points, at)

    def add_objective(
        self, value: float, step: int | None, at: float, *, skipped: int = 0
    ) -> list[Report]:
        """The objective as the user's regex finds it."""
        track = self._tracks[self._spec.metric]
        point = self._advance(track, value, Position(step=step), skipped)
        return self._reports({self._spec.metric: point}, at)

    def _follow(
        self,
        name: str,
        value: float,
        position: Position,
        source: str,
        redrawn: bool,
        skipped: int,
    ) -> _Point | None:
        track = self._tracks.get(name) or self._begin(name, source)
        if track is None or track.source != source:
            return None
        last = track.last
        if last is not None and value == last.value:
            again = position.epoch is not None and position.epoch == track.epoch
            if redrawn or (again and (position.step is None or position.step == track.inner)):
                return None
        return self._advance(track, value, position, skipped)

    def _begin(self, name: str, source: str) -> _Track | None:
        """A track for a name that was not seen yet; None for one that is not followed."""
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
        if len(self._tracks) >= _MOST_NAMES and not wanted:
            return None
        track = self._tracks[name] = _Track(source)
        if wanted:
            self._meant = meant_by(self._spec.metric, self._tracks)
        return track

    def _advance(self, track: _Track, value: float, position: Position, skipped: int) -> _Point:
        step = _candidate(track, position)
        last = 0 if track.last is None else track.last.step
        axis = position.axis
        if step is None:
            step, axis = last + 1 + skipped, Axis.COUNT
        elif track.last is not None and step <= last:
            step, axis = last + 1, Axis.COUNT
        if position.epoch is not None:
            track.epoch = position.epoch
        track.axis = axis if track.axis in (None, axis) else Axis.COUNT
        examples = position.examples
        if examples is None and self._spec.batch_size and position.axis is Axis.STEP:
            examples = step * self._spec.batch_size
        track.last = _Point(step, value, self._fraction(position), examples)
        track.first = track.first or track.last
        track.points += 1 + skipped
        return track.last

    def _fraction(self, position: Position) -> float | None:
        """The share of the budget that is spent, where the line says both sides of it."""
        done = None
        if position.step is not None and position.steps:
            done = position.step / position.steps
        if position.epochs:
            # Whether `Epoch 0/9` counts to 9 or to 10, only its author knows.
            if position.epoch is None or self._first_epoch != 1:
                return None
            if position.step is not None and done is None:
                return None
            spent = (position.epoch - 1 + (1.0 if done is None else done)) / position.epochs
        elif position.epoch is None and done is not None and not position.bar:
            spent = done
        else:
            return None
        return spent if 0 <= spent <= 1 else None

    def _reports(self, points: Mapping[str, _Point], at: float) -> list[Report]:
        """One report for all that stands at the same place."""
        places: dict[tuple[int, int | None], dict[str, float]] = {}
        fractions: dict[tuple[int, int | None], float | None] = {}
        for name, point in points.items():
            key = (point.step, point.examples)
            places.setdefault(key, {})[self._public(name)] = point.value
            fractions[key] = point.fraction
        return [
            Report(
                self._trial, self._attempt, step, metrics, examples, fractions[step, examples], at
            )
            for (step, examples), metrics in places.items()
        ]

    def _public(self, name: str) -> str:
        return self._spec.metric if self._meant == (name,) else name


def _candidate(track: _Track, position: Position) -> int | None:
    """The step that the position gives; None where it gives none that is a whole number."""
    if position.examples is not None:
        return position.examples
    if position.step is not None:
        epochs = 0.0
        if position.epoch is not None and track.epoch is not None:
            epochs = position.epoch - track.epoch
        began_again = position.step < track.inner or (epochs > 0 and position.step == track.inner)
        if began_again and track.last is not None:
            if position.steps is not None and position.steps >= track.inner:
                track.offset += position.steps * max(1, int(epochs))
            else:
                track.offset = track.last.step
        track.inner = position.step
        return track.offset + position.step
    if position.epoch is not None and position.epoch.is_integer():
        return int(position.epoch)
    return None
