"""Parameters of scripts that read their command line with typer."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from lrsweep.scripts.option import Option
from lrsweep.scripts.parameter import Default, Parameter
from lrsweep.scripts.signature import Argument, Function, arguments, choices, is_named
from lrsweep.scripts.source import Source, keywords, last_name, literal


def parameters(source: Source) -> Iterator[Parameter]:
    """One for each option of each command; positional arguments are left out."""
    run = {last_name(call.args[0]) for call in source.calls("run") if call.args}
    for node in source.nodes():
        if isinstance(node, Function) and (node.name in run or _is_command(node)):
            for argument in arguments(node):
                found = _parameter(source, argument)
                if found is not None:
                    yield found


def _is_command(function: Function) -> bool:
    return any(
        last_name(decorator.func if isinstance(decorator, ast.Call) else decorator)
        in ("command", "callback")
        for decorator in function.decorator_list
    )


def _parameter(source: Source, argument: Argument) -> Parameter | None:
    option = _call_of("Option", argument)
    if option is None and (argument.default is None or _call_of("Argument", argument)):
        return None
    said = keywords(option) if option else {}
    names = (
        [value for value in map(literal, option.args) if isinstance(value, str)] if option else []
    )
    long = next((name for name in names if name.startswith("--")), None)
    dashed = argument.name.replace("_", "-")
    flag, _, negation = (long or f"--{dashed}/--no-{dashed}").partition("/")
    switch = is_named(argument.annotation, "bool")
    help_text = literal(said.get("help"))
    return Parameter(
        argument.name,
        Option(
            flag,
            negation if switch else "",
            takes_value=not switch,
            takes_list=False,
            repeats=is_named(argument.annotation, "list"),
        ),
        _default(argument, option),
        choices(source, argument.annotation),
        help_text if isinstance(help_text, str) else "",
    )


def _call_of(name: str, argument: Argument) -> ast.Call | None:
    """`typer.Option(…)` in the annotation or as the default."""
    for place in (argument.annotation, argument.default):
        for node in ast.walk(place) if place is not None else ():
            if isinstance(node, ast.Call) and last_name(node.func) == name:
                return node
    return None


def _default(argument: Argument, option: ast.Call | None) -> Default:
    if argument.default is not None and argument.default is option:
        return literal(option.args[0]) if option.args else None
    if isinstance(argument.default, ast.Attribute):  # a member of an enumeration
        return argument.default.attr
    return literal(argument.default)
