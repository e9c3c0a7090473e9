"""Parameters of scripts that read a dataclass with draccus or pyrallis."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from lrsweep.scripts.parameter import Parameter
from lrsweep.scripts.signature import (
    Field,
    Function,
    arguments,
    enumeration,
    fields_of_class,
    many_of,
)
from lrsweep.scripts.source import Source, keywords, last_name


def is_used(source: Source) -> bool:
    """Whether one of them is imported."""
    return "draccus" in source.imports or "pyrallis" in source.imports


def parameters(source: Source) -> Iterator[Parameter]:
    """One for each field, by its dotted path."""
    for name in dict.fromkeys(_given(source)):
        found = source.class_named(name)
        for field in fields_of_class(source, found) if found is not None else ():
            yield _parameter(source, field)


def _given(source: Source) -> Iterator[str]:
    """`Config` of `parse(config_class=Config)`, or of the function that `wrap()` decorates."""
    for call in source.calls("parse"):
        words = keywords(call)
        yield last_name(words.get("config_class", call.args[0] if call.args else ast.Constant(0)))
    for node in source.nodes():
        for decorator in node.decorator_list if isinstance(node, Function) else ():
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            if last_name(called) == "wrap" and isinstance(node, Function):
                first = next(arguments(node), None)
                if first is not None and first.annotation is not None:
                    yield last_name(first.annotation)


def _parameter(source: Source, field: Field) -> Parameter:
    read, flag = field.type, f"--{field.name}"
    members = tuple(enumeration(source, field.annotation))
    return Parameter(
        field.name,
        flag,
        read.kind,
        field.default,
        field.knows_default,
        members or read.choices,
        many_of(read, "literal"),
        None if read.nullable else {None: None},
    )


def is_complete(source: Source) -> bool:
    """Whether the class is known, without choices between classes."""
    names = [name for name in _given(source) if source.class_named(name) is not None]
    return bool(names) and not source.uses("ChoiceRegistry")
