"""Which texts a script's own function for booleans takes for true and for false."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from lrsweep.scripts.signature import Function
from lrsweep.scripts.source import Source, last_name

# Functions of libraries, and those that evaluate what they are given.
_KNOWN = {
    "strtobool": ("true", "false"),
    "str2bool": ("true", "false"),
    "str_to_bool": ("true", "false"),
    "string_to_bool": ("true", "false"),
    "literal_eval": ("True", "False"),
    "eval": ("True", "False"),
    "BOOL": ("true", "false"),
}
# In pairs, the commonest first.
_PAIRS = (
    ("true", "false"), ("True", "False"), ("TRUE", "FALSE"), ("1", "0"), ("yes", "no"),
    ("y", "n"), ("t", "f"), ("on", "off"), ("T", "F"), ("Yes", "No"), ("Y", "N"),
)  # fmt: skip


def boolean_texts(source: Source, kind: ast.expr | None) -> tuple[str, str] | None:
    """(true, false) as the function `kind` reads them; None where it is not one for booleans."""
    if kind is None:
        return None
    body: ast.AST | None = kind if isinstance(kind, ast.Lambda) else None
    name = last_name(kind)
    if body is None:
        body = source.function_named(name) if name else None
    if body is None:
        evaluates = name in ("literal_eval", "eval")
        return None if evaluates else _KNOWN.get(name)
    return _read_from(body)


def _read_from(body: ast.AST) -> tuple[str, str] | None:
    """The pair that a function compares its argument with, where it gives true or false."""
    texts = set(_compared(body))
    for true, false in _PAIRS:
        if (true in texts or false in texts) and _gives_booleans(body):
            return true, false
    called = {last_name(node.func) for node in ast.walk(body) if isinstance(node, ast.Call)}
    if {"bool", "int"} <= called:
        return "1", "0"
    return next((_KNOWN[name] for name in called if name in ("strtobool", "str2bool")), None)


def _compared(body: ast.AST) -> Iterator[str]:
    for node in ast.walk(body):
        if isinstance(node, ast.Compare | ast.Dict | ast.Match):
            yield from (
                inner.value
                for inner in ast.walk(node)
                if isinstance(inner, ast.Constant) and isinstance(inner.value, str)
            )


def _gives_booleans(body: ast.AST) -> bool:
    """Whether it returns true, false or a comparison, and not the text itself."""
    if isinstance(body, ast.Lambda):
        return isinstance(body.body, ast.Compare | ast.BoolOp | ast.Subscript | ast.Call)
    assert isinstance(body, Function)
    returned = [node.value for node in ast.walk(body) if isinstance(node, ast.Return)]
    return any(
        isinstance(value, ast.Compare | ast.BoolOp | ast.Subscript | ast.UnaryOp)
        or (isinstance(value, ast.Constant) and isinstance(value.value, bool))
        for value in returned
    )
