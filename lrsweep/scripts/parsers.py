"""Calls of `add_argument`, each with the subcommand whose parser it fills."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from lrsweep.scripts.signature import Function
from lrsweep.scripts.source import Source, last_name, literal

_ADDERS = ("add_argument", "add_option")


@dataclass(frozen=True, slots=True)
class Call:
    """One `add_argument`; `command` is empty for the main parser's."""

    node: ast.Call
    command: str


def calls_of_parsers(source: Source) -> Iterator[Call]:
    """Every `add_argument` once for each subcommand that it is for, in order.

    A name that a parser was given holds in its function; a function that is called with a
    subcommand's parser fills that one.
    """
    handed = _handed(source)
    for tree in source.trees:
        yield from _of_scope(tree, {}, handed)


def commands(source: Source) -> tuple[str, ...]:
    """The names of the subcommands."""
    names = (literal(call.args[0]) for call in source.calls("add_parser") if call.args)
    return tuple(dict.fromkeys(name for name in names if isinstance(name, str)))


Owners = dict[str, tuple[str, ...]]


def _of_scope(scope: ast.AST, owners: Owners, handed: dict[str, Owners]) -> Iterator[Call]:
    own = dict(owners)
    adders: set[str] = set(_ADDERS)
    for node in _in_scope(scope):
        if isinstance(node, Function | ast.Lambda):
            name = getattr(node, "name", "")
            yield from _of_scope(node, {**own, **handed.get(name, {})}, handed)
        elif isinstance(node, ast.Assign):
            _learn(node, own, adders)
        elif isinstance(node, ast.For) and isinstance(node.target, ast.Name):
            items = getattr(node.iter, "elts", ())
            own[node.target.id] = tuple(c for i in items for c in own.get(last_name(i), ("",)))
        elif isinstance(node, ast.Call) and last_name(node.func) in adders:
            for command in dict.fromkeys(_owner(node.func, own)) or ("",):
                yield Call(node, command)


def _in_scope(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a scope in order, without those inside its functions."""
    for child in ast.iter_child_nodes(scope):
        yield child
        if not isinstance(child, Function | ast.Lambda):
            yield from _in_scope(child)


def _learn(node: ast.Assign, owners: Owners, adders: set[str]) -> None:
    name = last_name(node.targets[0])
    value = node.value
    if last_name(value) in _ADDERS and name:  # add = parser.add_argument
        adders.add(name)
        owners[name] = _owner(value, owners)
    elif isinstance(value, ast.Call) and name:
        if last_name(value.func) == "add_parser" and value.args:
            owners[name] = (str(literal(value.args[0]) or ""),)
        elif last_name(value.func) in ("add_argument_group", "add_mutually_exclusive_group"):
            owners[name] = _owner(value.func, owners)
        elif last_name(value.func).endswith("Parser"):
            owners[name] = ("",)


def _owner(function: ast.expr, owners: Owners) -> tuple[str, ...]:
    """The subcommands whose parser `function`, such as `parser.add_argument`, is a method of."""
    if isinstance(function, ast.Name):
        return owners.get(function.id, ("",))
    base = function.value if isinstance(function, ast.Attribute) else function
    if isinstance(base, ast.Call):  # sub.add_parser("vit").add_argument(…)
        if last_name(base.func) == "add_parser" and base.args:
            return (str(literal(base.args[0]) or ""),)
        return _owner(base.func, owners)
    return owners.get(last_name(base), ("",))


def _handed(source: Source) -> dict[str, Owners]:
    """For each function, which subcommands' parsers its arguments are."""
    found: dict[str, Owners] = {}
    owners: Owners = {}
    adders: set[str] = set()
    for node in source.nodes():
        if isinstance(node, ast.Assign):
            _learn(node, owners, adders)
    for node in source.nodes():
        if not isinstance(node, ast.Call):
            continue
        function = source.function_named(last_name(node.func))
        for position, given in enumerate(node.args if function else ()):
            commands = _given(given, owners)
            if function and commands and position < len(function.args.args):
                parameter = function.args.args[position].arg
                of = found.setdefault(function.name, {})
                of[parameter] = (*of.get(parameter, ()), *commands)
    return found


def _given(node: ast.expr, owners: Owners) -> tuple[str, ...]:
    if isinstance(node, ast.Call) and last_name(node.func) == "add_parser" and node.args:
        return (str(literal(node.args[0]) or ""),)
    return tuple(filter(None, owners.get(last_name(node), ())))
