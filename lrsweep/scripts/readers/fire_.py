"""Parameters of scripts that `fire` makes a command line of."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from lrsweep.scripts.parameter import Parameter
from lrsweep.scripts.signature import Field, Function, fields_of_class, fields_of_function
from lrsweep.scripts.source import Source, last_name, literal


def is_used(source: Source) -> bool:
    """Whether it is imported."""
    return "fire" in source.imports


def parameters(source: Source) -> Iterator[Parameter]:
    """One for each argument of the functions that can be called, with the command that calls it."""
    for function, command in _functions(source):
        for field in fields_of_function(source, function):
            yield _parameter(field, command)
    for found in _classes(source):
        if not any(isinstance(node, Function) and node.name == "__init__" for node in found.body):
            yield from (_parameter(field, "") for field in fields_of_class(source, found))


def commands(source: Source) -> tuple[str, ...]:
    """The names of the functions that are called by name."""
    return tuple(dict.fromkeys(command for _, command in _functions(source) if command))


def _components(source: Source) -> Iterator[ast.expr | None]:
    for call in source.calls("Fire"):
        yield call.args[0] if call.args else None


def _classes(source: Source) -> Iterator[ast.ClassDef]:
    for node in _components(source):
        found = source.class_named(last_name(node)) if node is not None else None
        if found is not None:
            yield found


def _functions(source: Source) -> Iterator[tuple[Function, str]]:
    for node in _components(source):
        if node is None:
            for line in source.trees[0].body:
                if isinstance(line, Function) and not line.name.startswith("_"):
                    yield line, line.name
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                function = source.function_named(last_name(value))
                if function is not None:
                    yield function, str(literal(key))
        elif (function := source.function_named(last_name(node))) is not None:
            yield function, ""
    for found in _classes(source):
        for line in found.body:
            if isinstance(line, Function) and line.name == "__init__":
                yield line, ""
            elif isinstance(line, Function) and not line.name.startswith("_"):
                yield line, line.name


def _parameter(field: Field, command: str) -> Parameter:
    """fire reads every value as Python writes it, whatever the annotation says."""
    read = field.type
    kind = None if read.nullable or read.is_list else read.kind
    name = field.path[-1]
    return Parameter(
        name, f"--{name}", kind, field.default, field.knows_default, (),
        "literal", command=command,
    )  # fmt: skip


def is_complete(source: Source) -> bool:
    """Whether a function was found, and none takes whatever it is given."""
    functions = [function for function, _ in _functions(source)]
    return bool(functions) and not any(function.args.kwarg for function in functions)
