"""Parameters of a function or class as its signature declares them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from lrsweep.scripts.source import Source, last_name, literal, literal_texts

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a function; `default` is None where it has none."""

    name: str
    annotation: ast.expr | None
    default: ast.expr | None


def arguments(function: Function) -> Iterator[Argument]:
    """Positional ones first, `self` included."""
    args = function.args
    positional = [*args.posonlyargs, *args.args]
    without = [None] * (len(positional) - len(args.defaults))
    for arg, default in zip(positional, [*without, *args.defaults], strict=True):
        yield Argument(arg.arg, arg.annotation, default)
    for arg, keyword_default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        yield Argument(arg.arg, arg.annotation, keyword_default)


def is_named(annotation: ast.expr | None, name: str) -> bool:
    """Whether an annotation names the type `name`, alone or in a union with None."""
    if annotation is None:
        return False
    return any(last_name(node) == name for node in ast.walk(annotation))


def choices(source: Source, annotation: ast.expr | None) -> tuple[str, ...]:
    """The texts that `Literal["sgd", "adam"]` or an enumeration of the script allows."""
    for node in ast.walk(annotation) if annotation is not None else ():
        if isinstance(node, ast.Subscript) and last_name(node.value) == "Literal":
            items = node.slice
            return literal_texts(items) or tuple(str(v) for v in [literal(items)] if v is not None)
        if isinstance(node, ast.Name) and (found := source.class_named(node.id)) is not None:
            values = [literal(line.value) for line in found.body if isinstance(line, ast.Assign)]
            if any("Enum" in last_name(base) for base in found.bases):
                return tuple(value for value in values if isinstance(value, str))
    return ()
