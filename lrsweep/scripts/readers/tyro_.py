"""Parameters of scripts that read their command line with tyro."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from lrsweep.scripts.parameter import Arguments, Parameter
from lrsweep.scripts.signature import (
    Field,
    Function,
    enumeration,
    fields_of_class,
    fields_of_function,
    many_of,
)
from lrsweep.scripts.source import Source, last_name

# What gives options other names, or adds some.
_ELSE = (
    *("subcommand", "subcommand_type_from_defaults", "extras", "SubcommandApp", "arg"),
    *("overridable_config_cli", "return_unknown_args", "OmitArgPrefixes", "OmitSubcommandPrefixes"),
)


def is_used(source: Source) -> bool:
    """Whether it is imported."""
    return "tyro" in source.imports


def parameters(source: Source) -> Iterator[Parameter]:
    """One for each field of the class, or argument of the function, that `tyro.cli` is given."""
    as_values = any(source.uses(name) for name in ("FlagConversionOff", "FlagCreatePairsOff"))
    for given in _given(source):
        fields = (
            fields_of_function(source, given)
            if isinstance(given, Function)
            else fields_of_class(source, given)
        )
        yield from (_parameter(source, field, as_values) for field in fields)


def _given(source: Source) -> Iterator[Function | ast.ClassDef]:
    for call in source.calls("cli"):
        for node in call.args[:1]:
            # tyro.conf.FlagConversionOff[Args]
            inner = node.slice if isinstance(node, ast.Subscript) else node
            name = last_name(inner)
            found = source.class_named(name) or source.function_named(name)
            if found is not None:
                yield found


def _parameter(source: Source, field: Field, as_values: bool) -> Parameter:
    read = field.type
    dashed = field.name.replace("_", "-")
    flag = f"--{dashed}"
    said: dict[bool | None, Arguments] = {None: (flag, "None") if read.nullable else None}
    if read.kind == "bool" and not read.is_list:
        said.update(_switch(field, flag, as_values))
    # An enumeration is chosen by the names of its members.
    members = tuple(enumeration(source, field.annotation))
    return Parameter(
        field.name,
        flag,
        read.kind,
        field.default,
        field.knows_default,
        members or read.choices,
        many_of(read, "items"),
        said,
    )


def _switch(field: Field, flag: str, as_values: bool) -> Mapping[bool | None, Arguments]:
    if field.type.nullable or as_values or not field.has_default:
        return {True: (flag, "True"), False: (flag, "False")}
    *path, name = field.path
    negation = "--" + ".".join([*path, f"no-{name}"]).replace("_", "-")
    return {True: (flag,), False: (negation,)}


def is_complete(source: Source) -> bool:
    """Whether what `tyro.cli` is given is known, without subcommands."""
    return bool(list(_given(source))) and not any(map(source.uses, _ELSE))
