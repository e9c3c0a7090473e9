"""Parameters of LightningCLI programs: the arguments of the model's and the data's class."""

from __future__ import annotations

from collections.abc import Iterator

from lrsweep.scripts.parameter import Parameter
from lrsweep.scripts.signature import Function, arguments, choices
from lrsweep.scripts.source import Source, keywords, last_name, literal

_PLACES = (("model", "model_class"), ("data", "datamodule_class"))


def parameters(source: Source) -> Iterator[Parameter]:
    """`model.lr` and `data.batch_size`, where the classes are defined in the script."""
    for call in source.calls("LightningCLI"):
        said = keywords(call)
        for index, (prefix, keyword) in enumerate(_PLACES):
            given = call.args[index] if len(call.args) > index else said.get(keyword)
            if given is not None:
                yield from _of_class(source, last_name(given), prefix)


def _of_class(source: Source, name: str, prefix: str) -> Iterator[Parameter]:
    found = source.class_named(name)
    for node in found.body if found else ():
        if isinstance(node, Function) and node.name == "__init__":
            for argument in arguments(node):
                if argument.name != "self":
                    yield Parameter(
                        f"{prefix}.{argument.name}",
                        default=literal(argument.default),
                        choices=choices(source, argument.annotation),
                    )
