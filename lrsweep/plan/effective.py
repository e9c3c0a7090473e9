"""A plan written as the `sweep.toml` that reads back to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tomlkit
from tomlkit.items import Array

from lrsweep.plan.model import SweepPlan
from lrsweep.settings import DECLARED
from lrsweep.settings.declared import Declared
from lrsweep.settings.settings import duration_text
from lrsweep.storage_url import ENV_STORAGE, is_secret

# Written as tables, at the end of the file.
_TABLES = ("space", "fixed", "env")


def to_toml(plan: SweepPlan) -> str:
    """All that `plan` holds but what the user typed; a file of this text makes an equal plan."""
    document = tomlkit.document()
    document.add("name", plan.target.label)
    document.add("command", _array(plan.target.argv))
    for one in DECLARED:
        value = getattr(plan.settings, one.name)
        if one.name == "storage" and is_secret(value):
            document.add(tomlkit.comment(f"storage: set {ENV_STORAGE}; it has a password"))
        elif one.name not in _TABLES and value not in (None, ()):
            document.add(one.key, _written(one, value))
    space = tomlkit.table()
    for parameter in plan.space.parameters:
        space.add(parameter.label, str(parameter).removeprefix(f"{parameter.label}="))
    document.add("space", space)
    if plan.target.env:
        document.add("env", dict(plan.target.env))
    return tomlkit.dumps(document)


def _written(one: Declared, value: Any) -> Any:
    if one.setting.metavar == "TIME":
        return duration_text(value)
    return _array(value) if isinstance(value, tuple) else value


def _array(items: Sequence[str]) -> Array:
    array = tomlkit.array()
    array.extend(items)
    return array
