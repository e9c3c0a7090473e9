"""Parameters of scripts that merge their command line into an OmegaConf configuration."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from lrsweep.scripts.configs import literal_tree, parameters_of, read_yaml
from lrsweep.scripts.parameter import Parameter
from lrsweep.scripts.signature import fields_of_class, many_of
from lrsweep.scripts.source import Source, last_name, literal

_FROM = ("from_cli", "from_dotlist")


def is_used(source: Source) -> bool:
    """Whether it reads the command line."""
    return any(source.uses(name) for name in _FROM) and "omegaconf" in source.imports


def parameters(source: Source) -> Iterator[Parameter]:
    """One for each value of the dictionaries, files and dataclasses that are merged."""
    for tree in _trees(source):
        yield from parameters_of(tree)
    for call in source.calls("structured"):
        given = call.args[0] if call.args else None
        inner = given.func if isinstance(given, ast.Call) else given
        found = source.class_named(last_name(inner)) if inner is not None else None
        for field in fields_of_class(source, found) if found is not None else ():
            yield Parameter(
                field.name, "", field.type.kind, field.default, field.knows_default,
                field.type.choices, many_of(field.type, "literal"),
                None if field.type.nullable else {None: None},
            )  # fmt: skip


def _trees(source: Source) -> Iterator[dict[str, Any]]:
    for name in ("merge", "create", "unsafe_merge"):
        for call in source.calls(name):
            yield from (tree for tree in map(literal_tree, call.args) if tree is not None)
    for call in source.calls("load"):
        given = literal(call.args[0]) if call.args else None
        if isinstance(given, str):
            for folder in (source.path.parent, *source.path.parent.parents[:1]):
                if (content := read_yaml(folder / given)) is not None:
                    yield content
                    break
    made = (n for n in source.nodes() if isinstance(n, ast.Assign))
    merged = {last_name(a) for call in source.calls("merge") for a in call.args}
    merged |= {last_name(a) for call in source.calls("create") for a in call.args}
    for assignment in made:
        if last_name(assignment.targets[0]) in merged - {""}:
            tree = literal_tree(assignment.value)
            if tree is not None:
                yield tree


def is_complete(source: Source) -> bool:
    """Whether what is merged is known; a key of its own is read by nobody."""
    loads = [call for call in source.calls("load") if last_name(call.func) == "load"]
    known = all(call.args and isinstance(literal(call.args[0]), str) for call in loads)
    reads_others = source.uses("get") or source.uses("argv")
    return known and bool(list(parameters(source))) and not reads_others
