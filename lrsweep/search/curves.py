"""The objective's curves of a sweep, held in memory, on an axis on which they can be compared.

Values are kept as losses: where larger is better they are negated, so that smaller is better
everywhere in here.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median

from lrsweep.terms import is_batch_size, is_optimizer, is_training_length
from lrsweep.trial import Direction, Outcome, Params, ParamValue

# Nothing that is compared here gets better by more curves than this. The first ones stay, since
# they fill the space; of later ones the newest.
_FIRST = 32
_NEWEST = 500
# Points of one curve; more say nothing more.
_POINTS = 512
# Budgets that differ by less than this are the same.
_SAME = 0.05

Length = tuple[tuple[str, object], ...]


@dataclass(slots=True)
class Curve:
    """One trial's losses, and the best so far, at rising positions of the budget axis.

    `judged` is the position at which a rule looked at it last; `outcome` None while it runs.
    """

    number: int
    length: Length
    batch: float | None
    optimizer: ParamValue = None
    positions: list[float] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    best: list[float] = field(default_factory=list)
    judged: float = 0.0
    outcome: Outcome | None = None

    def add(self, position: float, loss: float) -> bool:
        """A point; False where it lies before the newest one, whose points stand."""
        if self.positions and position <= self.positions[-1]:
            return False
        self.positions.append(position)
        self.losses.append(loss)
        self.best.append(min(loss, self.best[-1]) if self.best else loss)
        if len(self.positions) > _POINTS:
            for points in (self.positions, self.losses, self.best):
                del points[1:-1:2]
        return True

    def best_at(self, position: float) -> float | None:
        """The best loss up to `position`, interpolated between the reports around it.

        None before the first report, and after the last one of a trial that did not complete.
        """
        index = bisect_right(self.positions, position)
        if index == 0:
            return None
        if index == len(self.positions):
            ended = self.outcome is Outcome.COMPLETED or self.positions[-1] == position
            return self.best[-1] if ended else None
        before, after = self.positions[index - 1], self.positions[index]
        part = (position - before) / (after - before)
        return self.best[index - 1] + part * (self.best[index] - self.best[index - 1])

    def noise(self) -> float:
        """The standard deviation of one report around a smooth curve; 0 with too few reports.

        From second differences, which a trend leaves alone (Gasser et al. 1986), by their median,
        which a few jumps leave alone.
        """
        y = self.losses[-64:]
        if len(y) < 5:
            return 0.0
        bends = [abs(a - 2 * b + c) for a, b, c in zip(y, y[1:], y[2:], strict=False)]
        return 1.4826 * median(bends) / math.sqrt(6)


class Curves:
    """Every curve that a rule may compare with, and how long trainings are.

    The axis is the share of a trial's own budget. Scripts that report no share are measured by the
    examples or steps that trials like them took to complete: the same number for all, the same
    number of examples for all batch sizes, or else a number for each octave of batch sizes.
    Trainings of different lengths, by a parameter such as `epochs`, are not comparable: under a
    schedule the same share of another length is another learning rate.
    """

    def __init__(self, direction: Direction) -> None:
        self._sign = 1.0 if direction is Direction.MINIMIZE else -1.0
        self._curves: dict[int, Curve] = {}
        self._completed: dict[Length, list[tuple[float | None, float]]] = {}
        self._fractions = False

    def value(self, loss: float) -> float:
        """The objective's value of a loss, as users know it."""
        return self._sign * loss

    def loss(self, value: float) -> float:
        """The loss of an objective's value."""
        return self._sign * value

    def get(self, trial: int) -> Curve | None:
        """The curve of `trial`, where it has one."""
        return self._curves.get(trial)

    def observe(self, trial: int, params: Params, position: float, value: float) -> None:
        """A point of the curve of a running trial."""
        curve = self._curves.get(trial)
        if curve is None:
            self._forget()
            curve = self._curves[trial] = Curve(
                trial, length_of(params), batch_of(params), optimizer_of(params)
            )
        curve.outcome = None
        curve.add(position, self._sign * value)
        # Steps and examples are whole numbers, so that this can only be a share.
        self._fractions = self._fractions or 0 < position < 1

    def forget(self, trial: int) -> None:
        """Drop the curve of a trial."""
        self._curves.pop(trial, None)

    def finish(self, trial: int, outcome: Outcome) -> None:
        """A trial ended; where it says nothing of its parameters, its curve is dropped."""
        curve = self._curves.get(trial)
        if curve is None:
            return
        if not outcome.informs:
            del self._curves[trial]
            return
        curve.outcome = outcome
        if outcome is Outcome.COMPLETED:
            ends = self._completed.setdefault(curve.length, [])
            ends.append((curve.batch, curve.positions[-1]))
            del ends[:-_NEWEST]

    def budget(self, curve: Curve) -> float | None:
        """Where the axis ends for a trial like this one; None while nobody knows."""
        if self._fractions:
            return 1.0
        ends = self._completed.get(curve.length, ())
        if not ends:
            return None
        budget = _agreed([end for _, end in ends])
        if budget is not None or curve.batch is None:
            return budget if budget is not None else max(end for _, end in ends)
        examples = _agreed([end * batch for batch, end in ends if batch is not None])
        if examples is not None:
            return examples / curve.batch
        octave = _octave(curve.batch)
        return max((end for b, end in ends if b is not None and _octave(b) == octave), default=None)

    def share(self, curve: Curve, position: float | None = None) -> float | None:
        """The share of its budget that a trial has spent at `position`, or by now."""
        budget = self.budget(curve)
        if budget is None or not curve.positions:
            return None
        at = curve.positions[-1] if position is None else position
        return at / budget if budget > 0 else None

    def others(self, curve: Curve) -> list[Curve]:
        """The curves that `curve` may be compared with, in the order in which they began."""
        return [c for c in self._curves.values() if c is not curve and c.length == curve.length]

    def at_share(self, curves: list[Curve], share: float) -> list[tuple[Curve, float]]:
        """Those of `curves` that reached `share` of their budget, with their best loss by then."""
        found: list[tuple[Curve, float]] = []
        for curve in curves:
            budget = self.budget(curve)
            best = None if budget is None else curve.best_at(share * budget)
            if best is not None:
                found.append((curve, best))
        return found

    def started_before(self, curve: Curve) -> int:
        """How many comparable trials began before this one."""
        return sum(c.number < curve.number for c in self.others(curve))

    def __iter__(self) -> Iterator[Curve]:
        return iter(self._curves.values())

    def __len__(self) -> int:
        return len(self._curves)

    def _forget(self) -> None:
        if len(self._curves) <= _FIRST + _NEWEST:
            return
        for number in list(self._curves)[_FIRST:]:
            if self._curves[number].outcome is not None:
                del self._curves[number]
                return


def length_of(params: Params) -> Length:
    """What must be equal for two curves to be comparable: how long the training is to be.

    Lengths of a range are told apart by a quarter of an octave.
    """
    return tuple(
        (name, round(4 * math.log2(number)) if (number := _positive(value)) else value)
        for name, value in sorted(params.items())
        if is_training_length(name)
    )


def batch_of(params: Params) -> float | None:
    """The batch size among `params`, where there is one."""
    for name, value in params.items():
        if is_batch_size(name) and (number := _positive(value)):
            return number
    return None


def optimizer_of(params: Params) -> ParamValue:
    """The optimizer among `params`; None where they name none."""
    return next((value for name, value in params.items() if is_optimizer(name)), None)


def _positive(value: object) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        return float(value)
    return None


def _octave(batch: float) -> int:
    return math.floor(math.log2(batch))


def _agreed(ends: list[float]) -> float | None:
    """The budget where nearly all `ends` are the same; a few may have stopped by themselves."""
    if not ends:
        return None
    most = max(ends)
    agreeing = sum(end >= (1 - _SAME) * most for end in ends)
    return most if agreeing >= 0.7 * len(ends) else None
