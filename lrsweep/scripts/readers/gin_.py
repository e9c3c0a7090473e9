"""Parameters of scripts that are configured by gin: bindings on the command line."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from lrsweep.scripts.parameter import Parameter, plain
from lrsweep.scripts.signature import Field, Function, fields_of_class, fields_of_function
from lrsweep.scripts.source import Source, keywords, last_name, literal

_PARSE = ("parse_config_files_and_bindings", "parse_config")
_REPEATED = ("append", "extend")


def is_used(source: Source) -> bool:
    """Whether bindings are parsed."""
    return "gin" in source.imports and any(next(source.calls(n), None) for n in _PARSE)


def parameters(source: Source) -> Iterator[Parameter]:
    """`train.learning_rate` of `@gin.configurable def train(learning_rate=0.1)`."""
    for node in source.nodes():
        if isinstance(node, Function | ast.ClassDef):
            for decorator in node.decorator_list:
                if (name := _configurable(decorator, node.name)) is not None:
                    fields = _fields(source, node)
                    yield from (_parameter(name, field) for field in fields if field.has_default)


def _configurable(decorator: ast.expr, own: str) -> str | None:
    call = decorator if isinstance(decorator, ast.Call) else None
    if last_name(call.func if call else decorator) not in ("configurable", "register"):
        return None
    given = literal(call.args[0]) if call and call.args else None
    named = given or (literal(keywords(call).get("name")) if call else None)
    return str(named or own)


def _fields(source: Source, node: Function | ast.ClassDef) -> Iterator[Field]:
    if isinstance(node, Function):
        yield from fields_of_function(source, node)
        return
    inits = [n for n in node.body if isinstance(n, Function) and n.name == "__init__"]
    for init in inits:
        yield from fields_of_function(source, init)
    if not inits:
        yield from fields_of_class(source, node)


def _parameter(owner: str, field: Field) -> Parameter:
    name = f"{owner}.{field.name}"
    kind = None if field.type.nullable or field.type.is_list else field.type.kind
    return Parameter(name, name, kind, field.default, field.knows_default, many="literal")


def group(source: Source) -> tuple[str, bool]:
    """The option that takes bindings, and whether it is repeated for each of them."""
    names = {plain(name) for name in _bound(source)}
    for adder in ("add_argument", "DEFINE_multi_string", "DEFINE_list", "DEFINE_string"):
        for call in source.calls(adder):
            texts = [v for v in map(literal, call.args[:2]) if isinstance(v, str)]
            for text in texts:
                if plain(text.lstrip("-")) in names:
                    flag = text if text.startswith("-") else f"--{text}"
                    action = literal(keywords(call).get("action"))
                    nargs = "nargs" in keywords(call) and action not in _REPEATED
                    return flag, not nargs
    return "--gin_bindings", True


def _bound(source: Source) -> Iterator[str]:
    for parse in _PARSE:
        for call in source.calls(parse):
            given = [*call.args[-1:], *(w.value for w in call.keywords if w.arg == "bindings")]
            yield from (last_name(node) for node in given)


def is_complete(source: Source) -> bool:
    """Whether all configurables are the script's own."""
    return bool(list(parameters(source))) and not source.uses("external_configurable")
