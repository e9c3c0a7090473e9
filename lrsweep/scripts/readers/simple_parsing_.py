"""Parameters of scripts whose options are the fields of dataclasses: simple-parsing."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from lrsweep.scripts.parameter import Parameter
from lrsweep.scripts.signature import (
    Field,
    enumeration,
    fields_of_class,
    is_dataclass,
    many_of,
)
from lrsweep.scripts.source import Source, last_name


def is_used(source: Source) -> bool:
    """Whether it is imported."""
    return "simple_parsing" in source.imports


def parameters(source: Source) -> Iterator[Parameter]:
    """One for each field of the dataclasses that are parsed; nested ones have no prefix.

    Where two share a name, the option has the path of the field before it.
    """
    fields = [
        field
        for name in dict.fromkeys(_given(source))
        if (found := source.class_named(name)) is not None
        for field in fields_of_class(source, found)
    ]
    times = Counter(field.path[-1] for field in fields)
    for field in fields:
        name = field.path[-1] if times[field.path[-1]] == 1 else field.name
        yield _parameter(source, field, name)


def _given(source: Source) -> Iterator[str]:
    for called in ("parse", "add_arguments", "parse_known_args"):
        for call in source.calls(called):
            given = [*call.args[:1], *(w.value for w in call.keywords if w.arg == "config_class")]
            for node in given:
                found = source.class_named(last_name(node))
                if found is not None and is_dataclass(found):
                    yield found.name


def _parameter(source: Source, field: Field, name: str) -> Parameter:
    read, flag = field.type, f"--{name}"
    switch = read.kind == "bool" and not read.is_list
    # An enumeration is chosen by the names of its members.
    members = tuple(enumeration(source, field.annotation))
    return Parameter(
        name,
        flag,
        read.kind,
        field.default,
        field.knows_default,
        members or read.choices,
        many_of(read, "items"),
        {True: (flag, "true"), False: (flag, "false"), None: None} if switch else None,
        also=(field.name,) if field.name != name else (),
    )


def is_complete(source: Source) -> bool:
    """Whether the classes are known, and no option is added beside them."""
    beside = [call for call in source.calls("add_argument") if isinstance(call, ast.Call)]
    return bool(list(_given(source))) and not beside and not source.uses("subparsers")
