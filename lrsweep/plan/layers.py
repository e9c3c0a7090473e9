"""Several layers of settings made one: flags over presets over `sweep.toml`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

from lrsweep.plan.settings import Settings

_UNSAID = (None, ())
_SPOKEN_FOR = ("space", "fixed", "env", "direction")


def merged(layers: Sequence[Settings]) -> Settings:
    """What the layers say together, the first one strongest.

    A space is said whole, fixed values and environment variables name by name. A parameter of the
    space yields to a fixed value of a stronger layer and holds against one of a weaker layer. A
    direction belongs to a metric: one from a layer with another metric does not count.
    """
    said: dict[str, Any] = {
        field.name: value
        for field in fields(Settings)
        for layer in reversed(layers)
        if (value := getattr(layer, field.name)) not in _UNSAID and field.name not in _SPOKEN_FOR
    }
    metric = said.get("metric")
    directions = [x.direction for x in layers if x.direction and x.metric in (None, metric)]
    at = next((index for index, layer in enumerate(layers) if layer.space), 0)
    stronger = _by_name(layer.fixed for layer in layers[:at])
    space = _without(layers[at].space, stronger)
    own = [*stronger, *_without(layers[at].fixed, stronger)]
    weaker = _without(_by_name(layer.fixed for layer in layers[at + 1 :]), [*space, *own])
    return Settings(
        **said,
        space=tuple(space),
        fixed=(*own, *weaker),
        env=tuple(_by_name(layer.env for layer in layers)),
        direction=directions[0] if directions else None,
    )


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
