"""The whole search space: parameters in the user's order, checked against each other."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from lrsweep.space import conditions
from lrsweep.space.choices import Choice, Fixed
from lrsweep.space.grammar import parse_parameter
from lrsweep.space.head import name_of
from lrsweep.space.parameters import Parameter
from lrsweep.space.ranges import Int
from lrsweep.space.values import Kind
from lrsweep.trial import Params, ParamValue


@dataclass(frozen=True, slots=True)
class Space:
    """What a sweep varies.

    The constructor finds the parent of every condition and raises `SpaceError` where parameters do
    not fit together: a name twice, an unknown or ambiguous condition, a circle of conditions.
    """

    parameters: tuple[Parameter, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", conditions.resolve(self.parameters))
        conditions.check_names(conditions.ordered(self.parameters))

    @classmethod
    def parse(
        cls,
        texts: Sequence[str],
        fixed: Sequence[str] = (),
        kinds: Mapping[str, Kind] = MappingProxyType({}),
    ) -> Space:
        """The space that grammar texts spell, then `fixed` ones (NAME=VALUE, VALUE taken whole).

        `kinds` is what the script takes for a plain name, as far as that is known. Raises
        `SpaceError`, whose `hint` is a corrected example.
        """
        names = {name_of(text) for text in (*texts, *fixed)}
        return cls(
            (
                *(parse_parameter(text, names, kinds=kinds) for text in texts),
                *(parse_parameter(text, names, whole=True, kinds=kinds) for text in fixed),
            )
        )

    def texts(self) -> tuple[str, ...]:
        """Grammar texts that parse to an equal space; the same for equal spaces."""
        return tuple(str(parameter) for parameter in self.parameters)

    def ordered(self) -> tuple[Parameter, ...]:
        """The parameters, parents before children."""
        return conditions.ordered(self.parameters)

    def active(self, params: Params) -> tuple[Parameter, ...]:
        """The parameters that exist in a trial with these values by plain name, parents first.

        A child of a parameter that does not exist there does not exist either.
        """
        active: list[Parameter] = []
        names: set[str] = set()
        for parameter in self.ordered():
            when = parameter.when
            if when is None or (when.parent in names and when.holds(params)):
                active.append(parameter)
                names.add(parameter.name)
        return tuple(active)

    def names(self) -> tuple[str, ...]:
        """The plain names that can reach a trial, none twice."""
        return tuple(dict.fromkeys(parameter.name for parameter in self.parameters))

    def grid(self) -> Iterator[dict[str, ParamValue]]:
        """Every point of the grid as plain names → values, none twice, one at a time.

        The last parameter changes fastest, and a parameter is absent where its condition fails.
        """
        order, names = self.ordered(), self.names()
        unfinished: list[tuple[int, dict[str, ParamValue]]] = [(0, {})]
        while unfinished:
            index, point = unfinished.pop()
            if index == len(order):
                yield {name: point[name] for name in names if name in point}
                continue
            parameter = order[index]
            if parameter.when is not None and not parameter.when.holds(point):
                unfinished.append((index + 1, point))
                continue
            for value in reversed(parameter.grid()):
                unfinished.append((index + 1, {**point, parameter.name: value}))

    def grid_size(self) -> int:
        """The number of points of the grid, without walking it."""
        # By label: the points of a parameter together with all that hangs on it.
        sizes: dict[str, int] = {}
        for parameter in reversed(self.ordered()):
            name = parameter.name
            children = [
                (p.when, p.label) for p in self.parameters if p.when and p.when.parent == name
            ]
            sizes[parameter.label] = sum(
                math.prod(sizes[label] for when, label in children if when.holds({name: value}))
                for value in parameter.grid()
            )
        return math.prod(sizes[p.label] for p in self.parameters if p.when is None)

    def describe(self) -> tuple[tuple[str, str, str], ...]:
        """The space as understood, for the eye: (label, kind, range) for each parameter.

        For example ("lr", "log-uniform", "1e-05 … 1") or ("optimizer", "choice", "sgd, adamw").
        """
        return tuple((p.label, p.kind, p.range) for p in self.parameters)

    def differences(self, other: Space) -> list[str]:
        """How this space differs from `other`, an earlier one, a sentence each.

        None where they hold the same parameters, in whatever order.
        """
        was = {p.label: p for p in other.parameters}
        now = {p.label: p for p in self.parameters}
        changed = [
            f"{label} was {_in_words(was[label])} and is now {_in_words(now[label])}"
            for label in was
            if label in now and str(was[label]) != str(now[label])
        ]
        new = [f"{label} is new" for label in now if label not in was]
        gone = [f"{label} is gone" for label in was if label not in now]
        return [*changed, *new, *gone]


def _in_words(parameter: Parameter) -> str:
    match parameter:
        case Choice():
            return f"one of {parameter.range}"
        case Fixed():
            return f"fixed at {parameter.range}"
        case Int(pow2=True):
            return f"{parameter.kind} in {parameter.range}"
    return f"{parameter.kind} {parameter.range}"
