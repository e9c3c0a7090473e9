"""Configurations as parameters: every value of a tree of keys by its dotted path."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from lrsweep.scripts.parameter import Default, Parameter
from lrsweep.space import Kind
from lrsweep.space.values import read_number


def read_yaml(path: Path) -> dict[str, Any] | None:
    """The content of a YAML file; None where it cannot be read as a table."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return None
    return content if isinstance(content, dict) else None


def literal_tree(node: ast.AST | None) -> dict[str, Any] | None:
    """A literal dictionary, also one of `dict(a=1)`; values that are not literal are None."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "dict":
        return {w.arg: _literal(w.value) for w in node.keywords if w.arg is not None}
    if not isinstance(node, ast.Dict):
        return None
    keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
    pairs = zip(keys, node.values, strict=True)
    return {str(key): _literal(value) for key, value in pairs if key is not None}


def _literal(node: ast.expr) -> Any:
    below = literal_tree(node)
    if below is not None:
        return below
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None


def parameters_of(content: Mapping[str, Any], prefix: str = "") -> Iterator[Parameter]:
    """One for each value of `content`.

    A whole number may stand where any number may: no kind is told of it.
    """
    for key, value in content.items():
        if isinstance(value, Mapping):
            yield from parameters_of(value, f"{prefix}{key}.")
            continue
        default: Default
        if isinstance(value, list | tuple):
            default = f"[{', '.join(map(str, value))}]"
        else:
            default = _number(value) if isinstance(value, bool | int | float | str) else None
        yield Parameter(
            f"{prefix}{key}", kind=kind_of(default), default=default, knows_default=True
        )


def kind_of(default: Default) -> Kind | None:
    """What a value without a declared type takes, as far as its default tells."""
    if isinstance(default, bool):
        return "bool"
    if isinstance(default, float):
        return "float"
    is_text = isinstance(default, str) and not default.startswith(("[", "${", "???"))
    return "text" if is_text else None


def _number(value: bool | int | float | str) -> bool | int | float | str:
    """1e-3 is text to YAML 1.1 and a number to Hydra and OmegaConf."""
    if isinstance(value, str):
        number = read_number(value) if len(value) < 30 else None
        return value if number is None else number
    return value
