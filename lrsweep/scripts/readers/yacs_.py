"""Parameters of scripts with a yacs configuration, changed by `KEY VALUE` on the command line."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from lrsweep.scripts.configs import literal_tree, parameters_of
from lrsweep.scripts.parameter import Arguments, Default, Parameter
from lrsweep.scripts.source import Source, keywords, last_name, literal, literal_list
from lrsweep.space import Kind

_NODES = ("CfgNode", "CN", "ConfigNode")


def is_used(source: Source) -> bool:
    """Whether a list of the command line is merged into a configuration."""
    return next(source.calls("merge_from_list"), None) is not None


def parameters(source: Source) -> Iterator[Parameter]:
    """One for each assignment `_C.SOLVER.BASE_LR = 0.1` below a node, by its dotted key."""
    roots = set(_roots(source))
    for node in source.nodes():
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Attribute):
            continue
        root, *path = _dotted(node.targets[0])
        if root in roots and not _is_node(node.value):
            yield _parameter(".".join(path), node.value)
    for call in (call for name in _NODES for call in source.calls(name)):
        tree = literal_tree(call.args[0]) if call.args else None
        yield from map(_with_words, parameters_of(tree or {}))


def group(source: Source) -> str | None:
    """The option before the pairs: `--opts`; empty where they stand alone, None where not seen."""
    merged = {last_name(arg) for call in source.calls("merge_from_list") for arg in call.args}
    for call in source.calls("add_argument"):
        names = [value for value in map(literal, call.args) if isinstance(value, str)]
        if any(name.lstrip("-").replace("-", "_") in merged for name in names):
            return next((name for name in names if name.startswith("--")), "")
    return ""


def _roots(source: Source) -> Iterator[str]:
    """Names that a root node was given, and short names of nodes below it are not."""
    for node in source.nodes():
        if isinstance(node, ast.Assign) and _is_node(node.value):
            target = node.targets[0]
            if isinstance(target, ast.Name):
                yield target.id


def _is_node(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and last_name(value.func) in _NODES


def _dotted(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Attribute):
        return [*_dotted(node.value), node.attr]
    return [last_name(node)]


def _parameter(key: str, value: ast.expr) -> Parameter:
    default: Default = literal_list(value) or literal(value)
    negative = isinstance(value, ast.UnaryOp)
    known = default is not None or negative or isinstance(value, ast.Constant)
    return _with_words(Parameter(key, key, _kind(default), default, known, many="literal"))


def _with_words(parameter: Parameter) -> Parameter:
    """The type of a key stays what its default's is, but for None."""
    said: dict[bool | None, Arguments] = {}
    kind = _kind(parameter.default)
    if kind in ("int", "float", "text") and parameter.knows_default:
        said = {True: None, False: None}
    return Parameter(
        parameter.name, parameter.name, kind, parameter.default, parameter.knows_default,
        many="literal", said=said or None,
    )  # fmt: skip


def _kind(default: Default) -> Kind | None:
    if isinstance(default, bool):
        return "bool"
    if isinstance(default, int):
        return "int"
    if isinstance(default, float):
        return "float"
    is_text = isinstance(default, str) and not default.startswith("[")
    return "text" if is_text else None


def is_complete(source: Source) -> bool:
    """Whether the keys are known: none is made by a name that is not literal."""
    new = any("new_allowed" in keywords(c) for name in _NODES for c in source.calls(name))
    return bool(list(parameters(source))) and not new and not source.uses("set_new_allowed")
