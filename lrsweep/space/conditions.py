"""The conditions of a whole space: which choice they mean, and whether they fit together."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from lrsweep.errors import SpaceError
from lrsweep.space.choices import Choice, Fixed
from lrsweep.space.condition import Condition
from lrsweep.space.names import shown
from lrsweep.space.parameters import Parameter
from lrsweep.space.values import format_value, same_value, write_value
from lrsweep.trial import ParamValue


def resolve(parameters: Sequence[Parameter]) -> tuple[Parameter, ...]:
    """The parameters with every condition's parent filled in, and its label unambiguous.

    Raises `SpaceError` where no choice has the value, or where several have and none is named.
    """
    return tuple(
        parameter
        if parameter.when is None
        else replace(parameter, when=_resolve(parameter, parameter.when, parameters))
        for parameter in parameters
    )


def _resolve(parameter: Parameter, when: Condition, parameters: Sequence[Parameter]) -> Condition:
    having = _having(when.value, parameters)
    if len(having) > 1 and not when.parent:
        named = replace(when, parent=having[0], qualified=True)
        raise SpaceError(
            f"{shown(parameter.label)}: {shown(str(when))} is a value of {_listed(having)}, "
            "and the condition does not say whose",
            hint=f"try {replace(parameter, when=named)}",
        )
    parent = when.parent or next(iter(having), "")
    for other in parameters:
        for value in _values(other):
            if other.name == parent and same_value(value, when.value):
                return _condition(parent, value, parameters)
    raise _unknown(parameter, when, parameters)


def _condition(parent: str, value: ParamValue, parameters: Sequence[Parameter]) -> Condition:
    # A value that is also a parameter's name would read as the parent in `lr@NAME=VALUE=…`.
    ambiguous = _having(value, parameters) != [parent]
    is_name = any(value == p.name for p in parameters)
    return Condition(parent, value, qualified=ambiguous or is_name)


def _values(parameter: Parameter) -> tuple[ParamValue, ...]:
    if isinstance(parameter, Choice):
        return parameter.values
    return (parameter.value,) if isinstance(parameter, Fixed) else ()


def _having(value: ParamValue, parameters: Sequence[Parameter]) -> list[str]:
    """Plain names of the choices that have `value`; of fixed parameters where no choice has it."""
    found = [p for p in parameters if any(same_value(value, each) for each in _values(p))]
    choices = [p for p in found if isinstance(p, Choice)]
    return list(dict.fromkeys(p.name for p in choices or found))


def _unknown(parameter: Parameter, when: Condition, parameters: Sequence[Parameter]) -> SpaceError:
    names = {other.name for other in parameters}
    value = shown(write_value(when.value))
    right = f"{replace(parameter, when=_nearest(when, parameters))}"
    if when.parent:
        problem = f"{shown(when.parent)} is no choice that has the value {value}"
    elif when.value in names:
        problem = f"{value} is a parameter, and the condition needs one of its values"
        if isinstance(parameter, Fixed):  # `lr@optimizer=sgd`: the values of lr itself are missing
            right = f"{parameter.name}@{value}={write_value(parameter.value)}=1e-3:1"
    else:
        problem = f"no choice has the value {value}"
    return SpaceError(f"{shown(parameter.label)}: {problem}", hint=f"try {right}")


def _nearest(when: Condition, parameters: Sequence[Parameter]) -> Condition | None:
    """The condition that was most likely meant; None where no parameter could be a parent."""
    pairs = [(other.name, value) for other in parameters for value in _values(other)]
    named = [pair for pair in pairs if pair[0] in (when.parent, when.value)] or pairs
    texts = [format_value(value) for _, value in named]
    if not texts:
        return None
    close = difflib.get_close_matches(format_value(when.value), texts, n=1)
    parent, value = named[texts.index(close[0]) if close else 0]
    return _condition(parent, value, parameters)


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


def ordered(parameters: Sequence[Parameter]) -> tuple[Parameter, ...]:
    """Parents before children, otherwise in the given order.

    Raises `SpaceError` for a circle of conditions.
    """
    placed: list[Parameter] = []
    pending = list(parameters)
    while pending:
        waiting = {p.name for p in pending}
        ready = [p for p in pending if p.when is None or p.when.parent not in waiting]
        if not ready:
            raise _circle(pending)
        placed += ready
        pending = [p for p in pending if p.when is not None and p.when.parent in waiting]
    return tuple(placed)


def _circle(pending: Sequence[Parameter]) -> SpaceError:
    waits_for = {p.name: p for p in pending}
    path = [pending[0]]
    while path.count(path[-1]) < 2:
        last = path[-1]
        assert last.when is not None
        path.append(waits_for[last.when.parent])
    circle = path[path.index(path[-1]) :]
    return SpaceError(
        f"{' → '.join(shown(p.label) for p in circle)} is a circle of conditions",
        hint=f"try {replace(circle[0], when=None)}",
    )


def check_names(parameters: Sequence[Parameter]) -> None:
    """Raises `SpaceError` where two parameters of one plain name could exist in the same trial.

    `parameters` are in order, parents before children.
    """
    times = Counter(p.name for p in parameters)
    if all(count == 1 for count in times.values()):
        return
    apart = _never_together(parameters)
    for i, one in enumerate(parameters):
        for j, two in enumerate(parameters[:i]):
            if one.name == two.name and (i, j) not in apart:
                raise _clash(two, one, parameters)


def _never_together(parameters: Sequence[Parameter]) -> set[tuple[int, int]]:
    """Pairs of indices whose conditions exclude each other, by themselves or by their parents'.

    Parents come first, so that what holds for them is known already.
    """
    parents = [_parents(p, parameters) for p in parameters]
    apart: set[tuple[int, int]] = set()
    for i, one in enumerate(parameters):
        for j, two in enumerate(parameters[:i]):
            if (
                _exclude(one.when, two.when)
                or (parents[i] and all((parent, j) in apart for parent in parents[i]))
                or (parents[j] and all((i, parent) in apart for parent in parents[j]))
            ):
                apart |= {(i, j), (j, i)}
    return apart


def _parents(parameter: Parameter, parameters: Sequence[Parameter]) -> list[int]:
    """Indices of the definitions of its parent that can take the value it waits for."""
    when = parameter.when
    if when is None:
        return []
    return [
        index
        for index, other in enumerate(parameters)
        if other.name == when.parent and any(same_value(when.value, v) for v in _values(other))
    ]


def _exclude(one: Condition | None, two: Condition | None) -> bool:
    if one is None or two is None:
        return False
    return one.parent == two.parent and not same_value(one.value, two.value)


def _clash(one: Parameter, two: Parameter, parameters: Sequence[Parameter]) -> SpaceError:
    if one.label == two.label:
        return SpaceError(
            f"{shown(one.label)} is given twice: {shown(str(one))} and {shown(str(two))}",
            hint=f"try {two}",
        )
    if one.when is not None and two.when is not None:
        return SpaceError(
            f"{shown(one.label)} and {shown(two.label)} can hold at once, "
            f"and then {one.name} has two meanings",
            hint=f"try {one}",
        )
    always, sometimes = (one, two) if one.when is None else (two, one)
    assert sometimes.when is not None
    others = (
        value
        for p in parameters
        for value in _values(p)
        if p.name == sometimes.when.parent and not same_value(value, sometimes.when.value)
    )
    other = next(others, None)
    if other is None:
        right = f"{sometimes}"
    else:
        when = _condition(sometimes.when.parent, other, parameters)
        right = f"{sometimes} {replace(always, when=when)}"
    return SpaceError(
        f"{always.name} is given both for every trial ({shown(str(always))}) and only where "
        f"{sometimes.when.parent} is {shown(format_value(sometimes.when.value))} "
        f"({shown(str(sometimes))})",
        hint=f"try {right}",
    )
