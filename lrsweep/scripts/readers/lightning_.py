"""Parameters of LightningCLI programs: the arguments of the model's and the data's class."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from lrsweep.scripts.parameter import Parameter
from lrsweep.scripts.signature import Function, fields_of_function, many_of
from lrsweep.scripts.source import Source, keywords, last_name

_PLACES = (("model", "model_class"), ("data", "datamodule_class"))


def is_used(source: Source) -> bool:
    """Whether it, or a class made from it, is named."""
    return source.uses("LightningCLI")


def parameters(source: Source) -> Iterator[Parameter]:
    """`model.lr` and `data.batch_size`, where the classes are defined in the script."""
    names = ("LightningCLI", *_own(source))
    for call in (call for name in names for call in source.calls(name)):
        said = keywords(call)
        for index, (prefix, keyword) in enumerate(_PLACES):
            given = call.args[index] if len(call.args) > index else said.get(keyword)
            if given is not None:
                yield from _of_class(source, last_name(given), prefix)


def _own(source: Source) -> Iterator[str]:
    """Names of the script's classes that are made from it."""
    for node in source.nodes():
        if isinstance(node, ast.ClassDef) and "LightningCLI" in map(last_name, node.bases):
            yield node.name


def _of_class(source: Source, name: str, prefix: str) -> Iterator[Parameter]:
    found = source.class_named(name)
    for node in found.body if found else ():
        if isinstance(node, Function) and node.name == "__init__":
            for field in fields_of_function(source, node):
                read, known = field.type, field.annotation is not None
                yield Parameter(
                    f"{prefix}.{field.name}",
                    kind=read.kind,
                    default=field.default,
                    knows_default=field.knows_default,
                    choices=read.choices,
                    many=many_of(read, "literal") if known else "",
                    said=None if read.nullable or not known else {None: None},
                )
