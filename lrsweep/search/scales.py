"""Trials laid out over scales: parameters that say how large a run is, not how good.

Each combination of the scales' levels gets trials of its own, more where a trial is cheap, spread
over the learning rates. Their best rates tell how the rate moves with the scales
(`lrsweep.analysis.transfer`); nothing searches for the best scale.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lrsweep.search.proposer import Answer, Done, Proposal
from lrsweep.search.sampled import Sampled
from lrsweep.search.seeds import fraction
from lrsweep.space import Choice, Fixed, Float, Int, Parameter, Space
from lrsweep.terms import is_learning_rate
from lrsweep.trial import Direction, Ending, Outcome, Params, ParamValue, Slot

_LEVELS = 3
# Trials over the whole range of rates before those of a cell gather around the best one so far,
# and how far around it, in natural logs.
_SPREAD_OUT = 4
_AROUND = 1.2


@dataclass(slots=True)
class _Cell:
    scales: dict[str, ParamValue]
    trials: int = 0
    seconds: float = 0.0
    timed: int = 0
    results: list[tuple[float, float]] = field(default_factory=list)  # rate, objective

    @property
    def key(self) -> tuple[ParamValue, ...]:
        return tuple(self.scales.values())


class ScaleLayout:
    """Proposes trials for the cells of the scales `names` in turn, weighed by what a trial costs.

    A cell gets trials in proportion to one over the square root of its cost: of its seconds, once
    some have ended, else of the product of its scales. What is left open, `rest` chooses.
    """

    def __init__(
        self,
        space: Space,
        names: Sequence[str],
        rest: Sampled,
        direction: Direction,
        visited: Iterable[Mapping[str, ParamValue]] = (),
        seed: int = 0,
    ) -> None:
        self._names = tuple(names)
        parameters = {parameter.name: parameter for parameter in space.parameters}
        levels = [scale_levels(parameters[name]) for name in names]
        self._cells = {
            values: _Cell(dict(zip(names, values, strict=True)))
            for values in itertools.product(*levels)
        }
        self._rate = next(
            (p for p in space.parameters if isinstance(p, Float) and is_learning_rate(p.name)), None
        )
        self._rest = rest
        self._direction = direction
        self._seed = seed
        self._began: dict[int, float] = {}
        for params in visited:
            if (cell := self._cell(params)) is not None:
                cell.trials += 1

    def propose(self, slot: Slot) -> Answer:
        """A trial for the cell that lacks one most."""
        cell = min(self._cells.values(), key=lambda c: (c.trials + 1) * math.sqrt(self._cost(c)))
        fixed = dict(cell.scales)
        if self._rate is not None and self._rate.when is None:
            fixed[self._rate.name] = self._rate.snap(self._rate_for(cell, self._rate))
        answer = self._rest.complete(fixed, slot)
        if isinstance(answer, Done):
            return answer
        cell.trials += 1
        if answer.number is not None:
            self._began[answer.number] = time.monotonic()
        return Proposal(answer.params, "the layout of scales", answer.number)

    def told(self, ending: Ending) -> None:
        """Learns what a trial of its cell costs, and which rate was good."""
        cell = self._cell(ending.params)
        if cell is None or ending.outcome is not Outcome.COMPLETED or ending.value is None:
            return
        began = self._began.pop(ending.key.trial, None)
        if began is not None:
            cell.seconds += time.monotonic() - began
            cell.timed += 1
        rate = ending.params.get(self._rate.name) if self._rate is not None else None
        if isinstance(rate, int | float):
            cell.results.append((float(rate), ending.value))

    def _cell(self, params: Params) -> _Cell | None:
        return self._cells.get(tuple(params.get(name) for name in self._names))

    def _cost(self, cell: _Cell) -> float:
        """Of one trial, relative to the cheapest: measured where all are, else by the scales."""
        if all(other.timed for other in self._cells.values()):
            return max(cell.seconds / cell.timed, 1e-3)
        return math.prod(float(value) for value in cell.key if isinstance(value, int | float))

    def _rate_for(self, cell: _Cell, rate: Float) -> float:
        """The next rate of a cell: even over the range at first, then around its best one."""
        u = _radical_inverse(cell.trials + 1)
        u = (u + fraction("scales", self._seed, *map(str, cell.key))) % 1.0
        if cell.trials < _SPREAD_OUT or not cell.results:
            return rate.low * math.pow(rate.high / rate.low, u)
        best = min(cell.results, key=lambda result: self._direction.sort_key(result[1]))[0]
        low, high = best / math.exp(_AROUND), best * math.exp(_AROUND)
        low, high = max(low, rate.low), min(high, rate.high)
        return low * math.pow(high / low, u)


def scale_levels(parameter: Parameter) -> tuple[ParamValue, ...]:
    """The levels of a scale: the values of a choice, else up to three over a range.

    Those of a range lie evenly in the log, the ends included.
    """
    if isinstance(parameter, Choice):
        return parameter.values
    if isinstance(parameter, Fixed):
        return (parameter.value,)
    return tuple(dict.fromkeys(_even(parameter)))


def _even(parameter: Float | Int) -> Iterator[ParamValue]:
    for index in range(_LEVELS):
        ratio = parameter.high / parameter.low
        yield parameter.snap(parameter.low * math.pow(ratio, index / (_LEVELS - 1)))


def _radical_inverse(index: int) -> float:
    """The binary digits of `index` mirrored at the point (van der Corput 1935): even in [0, 1)."""
    value, weight = 0.0, 0.5
    while index:
        value += weight * (index & 1)
        index >>= 1
        weight /= 2
    return value
