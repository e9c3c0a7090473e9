"""Parameters of scripts whose docstring is their usage: docopt."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from lrsweep.scripts.parameter import Parameter
from lrsweep.scripts.readers.help_ import parameters_of_help
from lrsweep.scripts.source import Source


def is_used(source: Source) -> bool:
    """Whether it is called."""
    return "docopt" in source.imports


def parameters(source: Source) -> Iterator[Parameter]:
    """One for each option that the docstring describes; all values arrive as texts."""
    yield from parameters_of_help(ast.get_docstring(source.trees[0]) or "")
