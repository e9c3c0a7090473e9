"""Parameters of scripts that read their command line with jsonargparse."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from lrsweep.scripts.parameter import Parameter
from lrsweep.scripts.readers import argparse_
from lrsweep.scripts.signature import (
    Field,
    Function,
    fields_of_class,
    fields_of_function,
    is_dataclass,
    many_of,
)
from lrsweep.scripts.source import Source, is_literal, keywords, last_name, literal

_CLI = ("CLI", "auto_cli")


def is_used(source: Source) -> bool:
    """Whether it is imported."""
    return "jsonargparse" in source.imports


def parameters(source: Source) -> Iterator[Parameter]:
    """Of the functions that `CLI` is given, of classes that are added, and of single options."""
    for found, command in _components(source):
        yield from (_parameter(field, "", command) for field in _fields(source, found))
    for call in [*source.calls("add_class_arguments"), *source.calls("add_function_arguments"),
                 *source.calls("add_dataclass_arguments")]:  # fmt: skip
        nested = call.args[1] if len(call.args) > 1 else keywords(call).get("nested_key")
        prefix = literal(nested)
        own = _named(source, call.args[0]) if call.args else None
        if own is not None:
            yield from (_parameter(f, str(prefix or ""), "") for f in _fields(source, own))
    yield from argparse_.parameters(source)


def commands(source: Source) -> tuple[str, ...]:
    """The names of the functions, where there are several."""
    return tuple(dict.fromkeys(command for _, command in _components(source) if command))


def _components(source: Source) -> Iterator[tuple[Function | ast.ClassDef, str]]:
    for name in _CLI:
        for call in source.calls(name):
            if not call.args:  # every function of the module
                own = [line for line in source.trees[0].body if isinstance(line, Function)]
                yield from ((line, line.name if len(own) > 1 else "") for line in own)
            elif isinstance(call.args[0], ast.List):
                for item in call.args[0].elts:
                    if (found := _named(source, item)) is not None:
                        yield found, found.name
            elif (found := _named(source, call.args[0])) is not None:
                yield found, ""


def _named(source: Source, node: ast.expr) -> Function | ast.ClassDef | None:
    name = last_name(node)
    return source.function_named(name) or source.class_named(name)


def _fields(source: Source, found: Function | ast.ClassDef) -> Iterator[Field]:
    if isinstance(found, Function):
        yield from fields_of_function(source, found)
        return
    if is_dataclass(found):
        yield from fields_of_class(source, found)
    for line in found.body:
        if isinstance(line, Function) and line.name == "__init__":
            yield from fields_of_function(source, line)


def _parameter(field: Field, prefix: str, command: str) -> Parameter:
    read = field.type
    name = f"{prefix}.{field.name}" if prefix else field.name
    known = field.annotation is not None
    return Parameter(
        name, f"--{name}", read.kind, field.default, field.knows_default, read.choices,
        many_of(read, "literal") if known else "", None if read.nullable or not known else
        {None: None}, command=command,
    )  # fmt: skip


def is_complete(source: Source) -> bool:
    """Whether all that the parser is given is known."""
    calls = [call for name in ("add_argument", "add_subclass_arguments")
             for call in source.calls(name)]  # fmt: skip
    literal_ones = all(call.args and is_literal(call.args[0]) for call in calls)
    added = not any(
        next(source.calls(n), None) for n in ("add_subclass_arguments", "add_lightning_class_args")
    )
    return bool(list(parameters(source))) and literal_ones and added
