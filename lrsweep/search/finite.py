"""Spaces with so few points that all of them can be listed."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from lrsweep.space import Choice, Fixed, Float, Int, Parameter, Space
from lrsweep.trial import ParamValue

_MOST = 5000


def all_points(space: Space) -> list[dict[str, ParamValue]] | None:
    """Every point of `space` by label; None where they are endless or more than 5000."""
    unfinished: list[tuple[int, dict[str, ParamValue], dict[str, ParamValue]]] = [(0, {}, {})]
    order = space.ordered()
    points: list[dict[str, ParamValue]] = []
    values = {p.label: values_of(p) for p in order}
    if any(found is None for found in values.values()):
        return None
    while unfinished:
        index, plain, labelled = unfinished.pop()
        if len(points) + len(unfinished) > _MOST:
            return None
        if index == len(order):
            points.append(labelled)
            continue
        parameter = order[index]
        if parameter not in space.active(plain):
            unfinished.append((index + 1, plain, labelled))
            continue
        for value in reversed(values[parameter.label] or ()):
            new = {**plain, parameter.name: value}
            unfinished.append((index + 1, new, {**labelled, parameter.label: value}))
    return points


def values_of(parameter: Parameter) -> tuple[ParamValue, ...] | None:
    """Every value that a parameter may take; None where they are endless or too many."""
    match parameter:
        case Fixed(value=value):
            return (value,)
        case Choice(values=values):
            return values
        case Int(pow2=True, low=low, high=high):
            return tuple(low << i for i in range(high.bit_length() - low.bit_length() + 1))
        case Int(low=low, high=high, step=step):
            count = (high - low) // (step or 1) + 1
            return tuple(range(low, high + 1, step or 1)) if count <= _MOST else None
        case Float(low=low, high=high, step=step) if step is not None:
            count = round((high - low) / step) + 1
            if count > _MOST:
                return None
            return tuple(parameter.snap(low + i * step) for i in range(count))
    return None


def point_key(params: Mapping[str, ParamValue]) -> Hashable:
    """Equal for equal points; the type keeps true apart from 1."""
    return frozenset((name, type(value).__name__, value) for name, value in params.items())
