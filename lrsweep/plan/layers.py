"""Several layers of settings made one: flags over presets over `sweep.toml`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from lrsweep.settings import Settings
from lrsweep.space import Choice, Fixed
from lrsweep.space.grammar import parse_parameter
from lrsweep.space.head import name_of, read_head
from lrsweep.space.values import same_value

_SPOKEN_FOR = ("space", "fixed", "env", "direction")


def merged(layers: Sequence[Settings]) -> Settings:
    """What the layers say together, the first one strongest.

    A space is said whole, fixed values and environment variables name by name. A parameter of the
    space yields to a fixed value of a stronger layer, and with it go those that exist only beside
    another value; it holds against one of a weaker layer. A direction belongs to a metric: one from
    a layer with another metric does not count. Raises `SpaceError` for a text that is no parameter.
    """
    said: dict[str, Any] = {
        name: value
        for layer in reversed(layers)
        for name, value in layer.said().items()
        if name not in _SPOKEN_FOR
    }
    metric = said.get("metric")
    directions = [x.direction for x in layers if x.direction and x.metric in (None, metric)]
    at = next((index for index, layer in enumerate(layers) if layer.space), 0)
    stronger = _by_name(layer.fixed for layer in layers[:at])
    space = _possible(_without(layers[at].space, stronger), layers[at].space, stronger)
    own = [*stronger, *_without(layers[at].fixed, stronger)]
    weaker = _without(_by_name(layer.fixed for layer in layers[at + 1 :]), [*space, *own])
    return Settings().replaced(
        **said,
        space=tuple(space),
        fixed=(*own, *weaker),
        env=tuple(_by_name(layer.env for layer in layers)),
        direction=directions[0] if directions else None,
    )


def _possible(entries: list[str], space: Sequence[str], fixed: Sequence[str]) -> list[str]:
    """Those of `entries` that can exist where choices of `space` are `fixed` to one value."""
    names = {name_of(text) for text in (*space, *fixed)}
    read = [parse_parameter(text, names, whole=True) for text in fixed]
    values = {p.name: p.value for p in read if isinstance(p, Fixed) and p.when is None}
    given_up = [parse_parameter(text, names) for text in space if name_of(text) in values]
    choices = [p for p in given_up if isinstance(p, Choice) and p.contains(values[p.name])]

    def exists(entry: str) -> bool:
        when = read_head(entry, names).when
        if when is None:
            return True
        parents = [p for p in choices if p.contains(when.value) and when.parent in ("", p.name)]
        return all(same_value(values[parent.name], when.value) for parent in parents)

    return [entry for entry in entries if exists(entry)]


def _by_name(layers: Iterable[Sequence[str]]) -> list[str]:
    """The entries of all layers but those that a stronger one has said."""
    entries: list[str] = []
    for layer in layers:
        entries += _without(layer, entries)
    return entries


def _without(entries: Iterable[str], others: Iterable[str]) -> list[str]:
    names = {_name(entry) for entry in others}
    return [entry for entry in entries if _name(entry) not in names]


def _name(entry: str) -> str:
    """`lr` of `lr=0.1` and of `lr@sgd=0.1`."""
    return re.split("[@=]", entry)[0].strip()
