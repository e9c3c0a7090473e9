"""A space as a unit cube, and as the features by which a model sees how near two points are."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lrsweep.space import Choice, Fixed, Float, Int, Parameter, Space
from lrsweep.space.values import same_value
from lrsweep.terms import is_batch_size, is_learning_rate, is_optimizer
from lrsweep.trial import ParamValue

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# Decades: the rates that optimizers usually train well at from scratch. Only the differences
# between optimizers and the middle of the search hang on them, and both only as a prior.
USUAL = {
    "sgd": -1.0,
    "momentum": -2.0,
    "nesterov": -2.0,
    "adagrad": -2.0,
    "rmsprop": -3.0,
    "muon": -2.0,
    "adadelta": 0.0,
    "lion": -4.0,
}
_OTHERS = -3.0  # Adam and all that are like it
_USUAL_BATCH = 64.0


@dataclass(frozen=True, slots=True)
class Warp:
    """How far a batch size and a momentum move the rate: lr · batch^-`batch` / (1-m)^`momentum`."""

    batch: float = 0.0
    momentum: float = 0.0


@dataclass(frozen=True, slots=True)
class Features:
    """Points as a model sees them.

    `numbers` (n × p): learning rates first, in decades from what is usual for their optimizer, then
    other numbers as shares of their range. `categories` (n × q): codes, -1 where the parameter does
    not exist.
    """

    numbers: Floats
    categories: NDArray[np.int64]


class Encoding:
    """Points of `space` as rows of the unit cube, one column for each parameter that varies.

    Columns of parameters that do not exist in a point hold one half.
    """

    def __init__(self, space: Space) -> None:
        self._space = space
        self._order = [p for p in space.ordered() if not isinstance(p, Fixed)]
        self._fixed = [p for p in space.ordered() if isinstance(p, Fixed)]
        self._column = {p.label: i for i, p in enumerate(self._order)}
        numeric = [p for p in self._order if not isinstance(p, Choice) or _is_numeric(p)]
        self._rates = _names(p for p in numeric if is_learning_rate(p.name))
        self._numbers = _names(p for p in numeric if not is_learning_rate(p.name))
        self._categories = [p for p in self._order if isinstance(p, Choice) and not _is_numeric(p)]
        self._optimizer = next((p.name for p in self._all if is_optimizer(p.name)), None)
        self._batch = next((p.name for p in numeric if is_batch_size(p.name)), None)
        self._momentum = next((p.name for p in numeric if _is_momentum(p.name)), None)

    @property
    def _all(self) -> list[Parameter]:
        return [*self._order, *self._fixed]

    @property
    def dimensions(self) -> int:
        """How many columns the cube has."""
        return len(self._order)

    @property
    def rates(self) -> int:
        """How many of the features' numbers are learning rates."""
        return len(self._rates)

    @property
    def warps(self) -> tuple[Warp, ...]:
        """The warps that this space could need; the first is none."""
        if not self._rates:
            return (Warp(),)
        batches = (0.0, 0.5, 1.0) if self._batch else (0.0,)
        momenta = (0.0, 1.0) if self._momentum else (0.0,)
        return tuple(Warp(b, m) for m in momenta for b in batches)

    @cached_property
    def rate_columns(self) -> list[int]:
        """Columns of the cube that are learning rates."""
        return [i for i, p in enumerate(self._order) if is_learning_rate(p.name)]

    @cached_property
    def optimizers(self) -> tuple[int, int]:
        """The column that chooses the optimizer in every point, and its values; none is (0, 0)."""
        for index, parameter in enumerate(self._order):
            if parameter in self._categories and is_optimizer(parameter.name):
                assert isinstance(parameter, Choice)
                return (0, 0) if parameter.when else (index, len(parameter.values))
        return 0, 0

    @cached_property
    def categorical(self) -> Bools:
        """Which columns hold one of a few values without an order."""
        return np.array([p in self._categories for p in self._order], dtype=bool)

    def encode(self, labelled: Mapping[str, ParamValue]) -> Floats:
        """The row of a point given by label; what it lacks, or no longer fits, is one half."""
        row = np.full(len(self._order), 0.5)
        for index, parameter in enumerate(self._order):
            if parameter.label in labelled:
                row[index] = _unit(parameter, labelled[parameter.label])
        return row

    def columns_of(self, labels: Iterable[str]) -> Bools:
        """Which columns are those of `labels`."""
        wanted = set(labels)
        return np.array([p.label in wanted for p in self._order], dtype=bool)

    def decode(self, row: Floats) -> dict[str, ParamValue]:
        """The allowed point nearest to a row, by label; parameters that do not exist left out."""
        plain: dict[str, ParamValue] = {}
        labelled: dict[str, ParamValue] = {}
        active = self._space.active
        for parameter in self._space.ordered():
            if parameter.when is not None and parameter not in active(plain):
                continue
            value = (
                parameter.value
                if isinstance(parameter, Fixed)
                else _value(parameter, float(row[self._column[parameter.label]]))
            )
            plain[parameter.name] = labelled[parameter.label] = value
        return labelled

    def active(self, cube: Floats) -> Bools:
        """Which columns exist at each row."""
        exists = np.ones(cube.shape, dtype=bool)
        for index, parameter in enumerate(self._order):
            if parameter.when is None:
                continue
            holds = np.zeros(len(cube), dtype=bool)
            for other in self._all:
                if other.name != parameter.when.parent:
                    continue
                if isinstance(other, Fixed):
                    holds |= same_value(other.value, parameter.when.value)
                elif isinstance(other, Choice):
                    at = self._column[other.label]
                    codes = _codes(other, cube[:, at])
                    wanted = [
                        i for i, v in enumerate(other.values) if same_value(v, parameter.when.value)
                    ]
                    holds |= np.isin(codes, wanted) & exists[:, at]
            exists[:, index] = holds
        return exists

    def unit_of(self, column: int, code: int) -> float:
        """The middle of a category's part of its column."""
        parameter = self._order[column]
        assert isinstance(parameter, Choice)
        return (code + 0.5) / len(parameter.values)

    def categories(self, cube: Floats) -> NDArray[np.int64]:
        """Codes of categorical columns; 0 in others."""
        codes = np.zeros(cube.shape, dtype=np.int64)
        for parameter in self._categories:
            at = self._column[parameter.label]
            codes[:, at] = _codes(parameter, cube[:, at])
        return codes

    def features(self, cube: Floats, warp: Warp) -> Features:
        """What a model sees of the rows of the cube."""
        exists = self.active(cube)
        numbers = [self._rate(name, cube, exists, warp) for name in self._rates]
        numbers += [self._share(name, cube, exists) for name in self._numbers]
        codes = []
        for parameter in self._categories:
            at = self._column[parameter.label]
            codes.append(np.where(exists[:, at], _codes(parameter, cube[:, at]), -1))
        empty = np.zeros((len(cube), 0))
        return Features(
            np.column_stack(numbers) if numbers else empty,
            np.column_stack(codes).astype(np.int64) if codes else empty.astype(np.int64),
        )

    def _values(self, name: str, cube: Floats, exists: Bools) -> Floats:
        """Values of the numeric parameter `name`, NaN where it does not exist."""
        values = np.full(len(cube), math.nan)
        for fixed in self._fixed:
            if fixed.name == name and isinstance(fixed.value, int | float):
                values[:] = float(fixed.value)
        for parameter in self._order:
            if parameter.name == name:
                at = self._column[parameter.label]
                own = _numbers(parameter, cube[:, at])
                values = np.where(exists[:, at], own, values)
        return values

    def _rate(self, name: str, cube: Floats, exists: Bools, warp: Warp) -> Floats:
        values = self._values(name, cube, exists)
        decades = np.log10(np.maximum(values, 1e-12)) - self._usual(cube, exists)
        if self._batch is not None and warp.batch:
            batch = self._values(self._batch, cube, exists)
            decades -= warp.batch * np.log10(np.maximum(batch, 1.0) / _USUAL_BATCH)
        if self._momentum is not None and warp.momentum:
            momentum = np.nan_to_num(self._values(self._momentum, cube, exists))
            decades -= warp.momentum * np.log10(np.clip(1 - momentum, 1e-4, 1.0))
        return np.nan_to_num(decades)

    def _usual(self, cube: Floats, exists: Bools) -> Floats:
        usual = np.full(len(cube), _OTHERS)
        for parameter in self._all:
            if parameter.name != self._optimizer:
                continue
            if isinstance(parameter, Fixed):
                usual[:] = usual_rate(parameter.value)
            elif isinstance(parameter, Choice):
                at = self._column[parameter.label]
                table = np.array([usual_rate(v) for v in parameter.values])
                own = table[_codes(parameter, cube[:, at])]
                usual = np.where(exists[:, at], own, usual)
        return usual

    def _share(self, name: str, cube: Floats, exists: Bools) -> Floats:
        shares = np.full(len(cube), 0.5)
        for parameter in self._order:
            if parameter.name == name:
                at = self._column[parameter.label]
                shares = np.where(exists[:, at], cube[:, at], shares)
        return shares


def usual_rate(optimizer: ParamValue) -> float:
    """The decade of the rate that `optimizer` usually trains well at."""
    name = str(optimizer).lower()
    return next((usual for known, usual in USUAL.items() if known in name), _OTHERS)


def _names(parameters: Iterable[Parameter]) -> list[str]:
    return list(dict.fromkeys(p.name for p in parameters))


def _is_numeric(choice: Choice) -> bool:
    """Whether a choice is a list of numbers, whose order means something."""
    return all(isinstance(v, int | float) and not isinstance(v, bool) for v in choice.values)


def _is_momentum(name: str) -> bool:
    return name.rsplit(".", 1)[-1].lower() == "momentum"


def _is_log(parameter: Parameter) -> bool:
    match parameter:
        case Float(log=log):
            return log
        case Int(log=log, pow2=pow2):
            return log or pow2
        case Choice(values=values):
            numbers = [float(v) for v in values if isinstance(v, int | float)]
            return min(numbers) > 0 and max(numbers) >= 8 * min(numbers)
    return False


def _range(parameter: Parameter) -> tuple[float, float]:
    match parameter:
        case Float(low=low, high=high) | Int(low=low, high=high):
            return float(low), float(high)
        case Choice(values=values):
            numbers = [float(v) for v in values if isinstance(v, int | float)]
            return min(numbers), max(numbers)
    raise AssertionError("a fixed parameter has no range")


def _numbers(parameter: Parameter, units: Floats) -> Floats:
    low, high = _range(parameter)
    if _is_log(parameter):
        found: Floats = low * (high / low) ** units
        return found
    return low + (high - low) * units


def _codes(parameter: Choice, units: Floats) -> NDArray[np.int64]:
    count = len(parameter.values)
    return np.clip((units * count).astype(np.int64), 0, count - 1)


def _unit(parameter: Parameter, value: ParamValue) -> float:
    if isinstance(parameter, Choice) and not _is_numeric(parameter):
        for index, own in enumerate(parameter.values):
            if same_value(own, value):
                return (index + 0.5) / len(parameter.values)
        return 0.5
    if value is None or isinstance(value, str):
        return 0.5
    low, high = _range(parameter)
    inside = min(max(float(value), low), high)
    if _is_log(parameter):
        return math.log(inside / low) / math.log(high / low)
    return (inside - low) / (high - low)


def _value(parameter: Parameter, unit: float) -> ParamValue:
    if isinstance(parameter, Choice) and not _is_numeric(parameter):
        return parameter.values[int(_codes(parameter, np.array([unit]))[0])]
    number = float(_numbers(parameter, np.array([min(max(unit, 0.0), 1.0)]))[0])
    match parameter:
        case Choice(values=values):
            return min(values, key=lambda v: abs(_unit(parameter, v) - unit))
        case Float() | Int():
            return parameter.snap(number)
    raise AssertionError("a fixed parameter has no column")
