"""Where one curve stands: the step, the share of the budget and the fold of each of its values."""

from __future__ import annotations

from dataclasses import dataclass, field

from lrsweep.capture.rows import Axis, Position, Row

_MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a curve. `fold` and `named` are as those of a report."""

    step: int
    value: float
    fraction: float | None
    examples: int | None
    fold: int | None = None
    named: bool = False


@dataclass(slots=True)
class Track:
    """The points of one metric in one source, of which the newest is kept."""

    source: str
    first: Point | None = None
    last: Point | None = None
    axis: Axis | None = None
    points: int = 0
    _fold: int | None = None
    _first_epoch: float | None = None
    # The part of the position that starts again in every epoch, and what the epochs before add.
    _inner: int = -1
    _offset: int = 0
    _epoch: float | None = None
    # What the passes before add: folds, or epochs that began again.
    _before: int = 0
    _pass: int = 1
    _said: set[float] = field(default_factory=set)

    def follow(
        self, value: float, row: Row, *, redrawn: bool, skipped: int, batch_size: int | None
    ) -> Point | None:
        """The point that `value` is; None where it only says again what was said."""
        if self.last is not None and self._is_again(value, row, redrawn):
            return None
        return self.advance(value, row.position, skipped, batch_size)

    def has_said(self, value: float) -> bool:
        """Whether `value` was a point already, as far as the digits of either go."""
        last = self.last
        return last is not None and (value in self._said or _same(value, last.value))

    def advance(
        self, value: float, position: Position, skipped: int, batch_size: int | None
    ) -> Point:
        """The next point."""
        self._turn(position)
        if self._first_epoch is None:
            self._first_epoch = position.epoch
        step = self._candidate(position)
        last = 0 if self.last is None else self.last.step
        axis = position.axis
        if step is None:
            step, axis = last + 1 + skipped, Axis.COUNT
        elif self.last is not None and step <= last:
            step, axis = last + 1, Axis.COUNT
        if position.epoch is not None:
            self._epoch = position.epoch
        self._fold = position.fold
        self.axis = axis if self.axis in (None, axis) else Axis.COUNT
        examples = position.examples
        if examples is None and batch_size and position.axis is Axis.STEP:
            examples = step * batch_size
        fold = self._pass if self._pass > 1 or position.fold is not None else None
        named = position.fold is not None
        self.last = Point(step, value, self._fraction(position), examples, fold, named)
        self.first = self.first or self.last
        self.points += 1 + skipped
        if len(self._said) < _MOST_REMEMBERED:
            self._said.add(value)
        return self.last

    def _is_again(self, value: float, row: Row, redrawn: bool) -> bool:
        assert self.last is not None
        if redrawn and value == self.last.value:
            return True
        if row.marked and not (row.position.is_known and not row.position.inherited):
            return self.has_said(value)
        position = row.position
        here = position.epoch is not None and position.epoch == self._epoch
        here = here and (position.step is None or position.step == self._inner)
        return here and _same(value, self.last.value)

    def _turn(self, position: Position) -> None:
        """A new fold, or epochs that began again: their steps count on from those before."""
        begins = position.fold is not None and position.fold != self._fold
        if position.fold is None and position.epoch is not None and self._epoch is not None:
            begins = position.epoch < self._epoch and position.epoch <= (self._first_epoch or 0)
        if not begins or self.last is None:
            return
        self._before = self.last.step
        self._pass += 1
        self._inner, self._offset, self._epoch = -1, 0, None

    def _candidate(self, position: Position) -> int | None:
        """The step that the position gives; None where it gives none that is a whole number."""
        if position.examples is not None:
            return self._before + position.examples
        if position.step is not None:
            epochs = 0.0
            if position.epoch is not None and self._epoch is not None:
                epochs = position.epoch - self._epoch
            began_again = position.step < self._inner or (
                epochs > 0 and position.step == self._inner
            )
            if began_again and self.last is not None:
                if position.steps is not None and position.steps >= self._inner:
                    self._offset += position.steps * max(1, int(epochs))
                else:
                    self._offset = self.last.step - self._before
            self._inner = position.step
            return self._before + self._offset + position.step
        if position.epoch is not None and position.epoch.is_integer():
            # Epochs that count from 0 stand where those before them ended.
            starts_at_zero = self._pass > 1 and self._first_epoch == 0
            return self._before + int(position.epoch) + int(starts_at_zero)
        return None

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
        if self._pass > 1 or position.fold is not None:
            if not position.folds or position.fold is None:
                return None
            spent = (position.fold - 1 + spent) / position.folds
        return spent if 0 <= spent <= 1 else None


def _same(a: float, b: float) -> bool:
    """Whether two values are one as far as the digits of the shorter go: 0.4321 and 0.43."""
    if a == b or (a != a and b != b):
        return True
    digits = min(_decimals(a), _decimals(b))
    return digits > 1 and abs(a - b) <= 0.5000001 * 10.0**-digits


def _decimals(value: float) -> int:
    text = repr(value)
    return len(text.partition(".")[2]) if "e" not in text else 0
