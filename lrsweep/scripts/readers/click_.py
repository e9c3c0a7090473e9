"""Parameters of scripts that read their command line with click."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from lrsweep.scripts.parameter import Arguments, Many, Parameter, plain
from lrsweep.scripts.signature import Function
from lrsweep.scripts.source import (
    Source,
    is_literal,
    keywords,
    last_name,
    literal,
    literal_list,
    literal_texts,
)
from lrsweep.space import Kind

_KINDS: Mapping[str, Kind] = {
    "float": "float", "FLOAT": "float", "FloatRange": "float", "int": "int", "INT": "int",
    "IntRange": "int", "bool": "bool", "BOOL": "bool", "str": "text", "STRING": "text",
    "Path": "text", "File": "text",
}  # fmt: skip


def is_used(source: Source) -> bool:
    """Whether it is imported, and a command or an option of it is used."""
    names = ("option", "command", "group")
    return "click" in source.imports and any(next(source.calls(n), None) for n in names)


def parameters(source: Source) -> Iterator[Parameter]:
    """One for each `@click.option` with a literal name, those of a group's command with its name.

    Options that a decorator of the script adds are for every command.
    """
    seen: set[ast.Call] = set()
    for function, command in _commands(source):
        for decorator in function.decorator_list:
            if isinstance(decorator, ast.Call) and last_name(decorator.func) == "option":
                seen.add(decorator)
                yield from _of_call(decorator, command)
    for call in source.calls("option"):
        if call not in seen:
            yield from _of_call(call, "")


def commands(source: Source) -> tuple[str, ...]:
    """The names of a group's commands."""
    return tuple(dict.fromkeys(command for _, command in _commands(source) if command))


def _commands(source: Source) -> Iterator[tuple[Function, str]]:
    grouped = any(True for _ in _decorated(source, "group"))
    for function, decorator in _decorated(source, "command"):
        call = decorator if isinstance(decorator, ast.Call) else None
        given = literal(call.args[0] if call and call.args else None)
        named = given or (literal(keywords(call).get("name")) if call else None)
        own = str(named or function.name.replace("_", "-"))
        yield function, own if grouped else ""


def _decorated(source: Source, name: str) -> Iterator[tuple[Function, ast.expr]]:
    for node in source.nodes():
        if isinstance(node, Function):
            for decorator in node.decorator_list:
                called = decorator.func if isinstance(decorator, ast.Call) else decorator
                if last_name(called) == name:
                    yield node, decorator


def _of_call(call: ast.Call, command: str) -> Iterator[Parameter]:
    texts = [value for value in map(literal, call.args) if isinstance(value, str)]
    options = [text for text in texts if text.startswith("-")]
    if not options:
        return
    long = next((text for text in options if text.startswith("--")), options[0])
    flag, _, negation = (part.strip() for part in long.partition("/"))
    said = keywords(call)
    explicit = next((text for text in texts if text.isidentifier()), "")
    value = said.get("default")
    default = literal_list(value) or literal(value)
    help_text = literal(said.get("help"))
    kind = _kind(said, default)
    many: Many = "never"
    if literal(said.get("multiple")) is True:
        many = "repeated"
    elif literal(said.get("nargs", ast.Constant(1))) != 1:
        many = "items"
    own = plain(flag.lstrip("-"))
    others = (plain(o.partition("/")[0].strip().lstrip("-")) for o in options)
    also = tuple(dict.fromkeys(name for name in (own, *others) if name != (explicit or own)))
    is_flag = bool(negation) or literal(said.get("is_flag")) is True
    known = value is None or is_literal(value)
    yield Parameter(
        explicit or own,
        flag,
        kind="bool" if is_flag else kind,
        default=False if is_flag and value is None else default,
        knows_default=known,
        choices=_choices(said.get("type")),
        many=many,
        said=_said(flag, negation, default) if is_flag else None,
        command=command,
        also=also,
        help=help_text if isinstance(help_text, str) else "",
        required=literal(said.get("required")) is True,
    )


def _said(flag: str, negation: str, default: object) -> Mapping[bool | None, Arguments]:
    if negation:
        return {True: (flag,), False: (negation,), None: None}
    return {True: (flag,), False: None if default is True else (), None: None}


def _kind(said: Mapping[str, ast.expr], default: object) -> Kind | None:
    kind_of = said.get("type")
    if kind_of is not None:
        called = kind_of.func if isinstance(kind_of, ast.Call) else kind_of
        return _KINDS.get(last_name(called))
    # click takes the type of the default.
    if isinstance(default, bool):
        return "bool"
    if isinstance(default, int):
        return "int"
    return "float" if isinstance(default, float) else "text" if isinstance(default, str) else None


def _choices(kind: ast.expr | None) -> tuple[str, ...]:
    """The texts of `click.Choice(["sgd", "adam"])`."""
    if isinstance(kind, ast.Call) and last_name(kind.func) == "Choice" and kind.args:
        return literal_texts(kind.args[0])
    return ()


def is_complete(source: Source) -> bool:
    """Whether every option has a literal name, and none takes what it does not know."""
    calls = list(source.calls("option"))
    texts = set(source.texts())
    return (
        bool(calls)
        and all(call.args and is_literal(call.args[0]) for call in calls)
        and "ignore_unknown_options" not in texts
        and not source.uses("UNPROCESSED")
    )
