"""Parameters of scripts whose settings are global variables, overridden by `--name=value`.

As in nanoGPT: the script runs `exec(open('configurator.py').read())`, which takes only values of
the type that the variable has.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from lrsweep.scripts.parameter import Arguments, Parameter
from lrsweep.scripts.source import Source, last_name, literal, literal_list
from lrsweep.space import Kind

_KINDS: dict[type, Kind] = {bool: "bool", int: "int", float: "float", str: "text"}


def is_used(source: Source) -> bool:
    """Whether the script executes a configurator."""
    return _where(source) is not None


def _where(source: Source) -> int | None:
    """The line of the script at which its variables are overridden."""
    for node in source.trees[0].body:
        for call in ast.walk(node):
            if isinstance(call, ast.Call) and last_name(call.func) in ("exec", "import_module"):
                texts = (n.value for n in ast.walk(call) if isinstance(n, ast.Constant))
                if any(isinstance(text, str) and "configurator" in text for text in texts):
                    return node.lineno
    return None


def parameters(source: Source) -> Iterator[Parameter]:
    """One for each global variable with a literal value that stands before it."""
    until = _where(source) or 0
    for line in source.trees[0].body:
        if line.lineno >= until:
            return
        pairs = []
        if isinstance(line, ast.Assign):
            pairs = [(target, line.value) for target in line.targets]
        elif isinstance(line, ast.AnnAssign) and line.value is not None:
            pairs = [(line.target, line.value)]
        for target, value in pairs:
            if isinstance(target, ast.Name) and not target.id.startswith("_"):
                found = _parameter(target.id, value)
                if found is not None:
                    yield found


def _parameter(name: str, value: ast.expr) -> Parameter | None:
    default = literal_list(value) or literal(value)
    none = isinstance(value, ast.Constant) and value.value is None
    if default is None and not none:
        return None
    kind = None if none or isinstance(value, ast.List | ast.Tuple) else _KINDS.get(type(default))
    said: dict[bool | None, Arguments] | None = None if none else {None: None}
    return Parameter(name, f"--{name}", kind, default, True, many="literal", said=said)


def is_complete(source: Source) -> bool:
    """Its variables stand in the script; `configurator` refuses others."""
    return bool(list(parameters(source)))
