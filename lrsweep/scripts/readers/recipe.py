"""Parameters of scripts that train with `lrsweep.train`: the recipe's options and their own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from lrsweep.scripts.parameter import Parameter
from lrsweep.scripts.readers import argparse_
from lrsweep.scripts.source import Source, keywords, literal

_ARGUMENTS = Path(__file__).parents[2] / "train" / "arguments.py"


def is_used(source: Source) -> bool:
    """Whether the parser of `lrsweep.train` fills in the recipe."""
    return source.uses("with_recipe")


def parameters(source: Source) -> Iterator[Parameter]:
    """The script's own options, and those of the recipe with the defaults that it gives them."""
    yield from argparse_.parameters(source)
    defaults = {
        name: v for call in source.calls("with_recipe") for name, v in keywords(call).items()
    }
    for parameter in argparse_.parameters(_library()):
        if parameter.name in defaults:
            value = literal(defaults[parameter.name])
            parameter = replace(parameter, default=value, knows_default=value is not None)
        yield parameter


@cache
def _library() -> Source:
    """The source of the parser: importing it would import torch."""
    try:
        tree = ast.parse(_ARGUMENTS.read_text(encoding="utf-8"))
    except OSError:
        tree = ast.Module([], [])
    return Source(_ARGUMENTS, (tree,), frozenset())


def is_complete(source: Source) -> bool:
    """Whether every option of its own has a literal name."""
    calls = list(source.calls("add_argument"))
    return all(call.args and isinstance(literal(call.args[0]), str) for call in calls)
