"""Parameters of scripts whose settings are global variables, overridden by `--name=value`.

As in nanoGPT: the script runs `exec(open('configurator.py').read())`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from lrsweep.scripts.parameter import Parameter
from lrsweep.scripts.source import Source, literal


def is_configured(source: Source) -> bool:
    """Whether the script executes `configurator.py`."""
    return any(
        isinstance(node, ast.Constant) and node.value == "configurator.py"
        for call in source.calls("exec")
        for node in ast.walk(call)
    )


def parameters(source: Source) -> Iterator[Parameter]:
    """One for each global variable with a literal value that stands before the `exec`."""
    for line in source.trees[0].body:
        if isinstance(line, ast.Expr) and isinstance(line.value, ast.Call):
            return
        if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
            value = literal(line.value)
            if value is not None:
                yield Parameter(line.targets[0].id, default=value)
