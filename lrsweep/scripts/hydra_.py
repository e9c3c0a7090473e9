"""Parameters of Hydra programs: the configuration that stands beside them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from lrsweep.scripts.parameter import Parameter
from lrsweep.scripts.source import Source, keywords, last_name, literal


def parameters(source: Source) -> Iterator[Parameter]:
    """One for each value of the configuration that `@hydra.main` names, by its dotted key."""
    for call in _mains(source):
        said = keywords(call)
        folder, name = literal(said.get("config_path")), literal(said.get("config_name"))
        if isinstance(name, str):
            root = source.path.parent / str(folder or ".")
            yield from _values(_composed(root, name.removesuffix(".yaml")), "")


def _mains(source: Source) -> Iterator[ast.Call]:
    for call in source.calls("main"):
        if isinstance(call.func, ast.Attribute) and last_name(call.func.value) == "hydra":
            yield call


def _composed(folder: Path, name: str) -> dict[str, Any]:
    """The file `name` with the groups of its defaults list below their names."""
    content = _read(folder / f"{name}.yaml")
    composed: dict[str, Any] = {}
    for entry in content.pop("defaults", None) or ():
        if not isinstance(entry, Mapping):
            continue
        for group, choice in entry.items():
            if isinstance(group, str) and isinstance(choice, str) and " " not in group:
                composed[group] = _composed(folder / group, choice)
    return _merged(composed, content)


def _merged(under: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    for key, value in over.items():
        below = under.get(key)
        both = isinstance(below, dict) and isinstance(value, Mapping)
        under[key] = _merged(below, value) if both else value  # type: ignore[arg-type]
    return under


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    return content if isinstance(content, dict) else {}


def _values(content: Mapping[str, Any], prefix: str) -> Iterator[Parameter]:
    for key, value in content.items():
        if isinstance(value, Mapping):
            yield from _values(value, f"{prefix}{key}.")
        elif isinstance(value, bool | int | float | str):
            yield Parameter(f"{prefix}{key}", default=_number(value))


def _number(value: bool | int | float | str) -> bool | int | float | str:
    """1e-3 is text to YAML 1.1 and a number to Hydra."""
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return value
