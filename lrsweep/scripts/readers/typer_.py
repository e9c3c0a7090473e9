"""Parameters of scripts that read their command line with typer."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from lrsweep.scripts.parameter import Arguments, Default, Many, Parameter
from lrsweep.scripts.signature import (
    Argument,
    Function,
    arguments,
    is_named,
    read_type,
    type_of_default,
)
from lrsweep.scripts.source import Source, is_literal, keywords, last_name, literal, literal_list


def is_used(source: Source) -> bool:
    """Whether it is imported."""
    return "typer" in source.imports


def parameters(source: Source) -> Iterator[Parameter]:
    """One for each option of each command; positional arguments are left out."""
    for function, command in _commands(source):
        for argument in arguments(function):
            found = _parameter(source, argument, command)
            if found is not None:
                yield found


def commands(source: Source) -> tuple[str, ...]:
    """The names of the commands, where there are several."""
    return tuple(dict.fromkeys(command for _, command in _commands(source) if command))


def _commands(source: Source) -> list[tuple[Function, str]]:
    run = {last_name(call.args[0]) for call in source.calls("run") if call.args}
    found: list[tuple[Function, str]] = []
    callback = False
    for node in source.nodes():
        if not isinstance(node, Function):
            continue
        if node.name in run:
            found.append((node, ""))
        for decorator in node.decorator_list:
            call = decorator if isinstance(decorator, ast.Call) else None
            name = last_name(call.func if call else decorator)
            if name == "callback":
                callback = True
                found.append((node, ""))
            elif name == "command":
                given = literal(call.args[0]) if call and call.args else None
                found.append((node, str(given or node.name.replace("_", "-"))))
    # The only command of a program is the program.
    several = callback or len([1 for _, command in found if command]) > 1
    return found if several else [(function, "") for function, _ in found]


def _parameter(source: Source, argument: Argument, command: str) -> Parameter | None:
    option = _call_of("Option", argument)
    if option is None and (argument.default is None or _call_of("Argument", argument)):
        return None
    if is_named(argument.annotation, "Context"):
        return None
    said = keywords(option) if option else {}
    names = (
        [value for value in map(literal, option.args) if isinstance(value, str)] if option else []
    )
    long = next((name for name in names if name.startswith("-")), None)
    dashed = argument.name.replace("_", "-")
    flag, _, negation = (long or f"--{dashed}/--no-{dashed}").partition("/")
    default, known = _default(argument, option)
    read = read_type(source, argument.annotation)
    if argument.annotation is None:
        read = type_of_default(default)
    help_text = literal(said.get("help"))
    many: Many = "never"
    if read.is_list:
        many = "items" if is_named(argument.annotation, "tuple") else "repeated"
    switch = read.kind == "bool" and not read.is_list
    return Parameter(
        argument.name,
        flag,
        kind=read.kind,
        default=default,
        knows_default=known,
        choices=read.choices,
        many=many,
        said=_said(flag, negation, default) if switch else None,
        command=command,
        help=help_text if isinstance(help_text, str) else "",
    )


def _said(flag: str, negation: str, default: Default) -> Mapping[bool | None, Arguments]:
    off: Arguments = (negation,) if negation else None if default is True else ()
    return {True: (flag,), False: off, None: () if default is None else None}


def _call_of(name: str, argument: Argument) -> ast.Call | None:
    """`typer.Option(…)` in the annotation or as the default."""
    for place in (argument.annotation, argument.default):
        for node in ast.walk(place) if place is not None else ():
            if isinstance(node, ast.Call) and last_name(node.func) == name:
                return node
    return None


def _default(argument: Argument, option: ast.Call | None) -> tuple[Default, bool]:
    value = argument.default
    if value is not None and value is option:
        value = option.args[0] if option.args else None
    if isinstance(value, ast.Attribute):  # a member of an enumeration
        return value.attr, True
    return literal_list(value) or literal(value), value is not None and is_literal(value)


def is_complete(source: Source) -> bool:
    """Whether a command was found, and none takes what it does not know."""
    return bool(_commands(source)) and "ignore_unknown_options" not in set(source.texts())
