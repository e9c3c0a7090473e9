"""Parameters of scripts whose options are the fields of dataclasses: HfArgumentParser."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from lrsweep.scripts.option import Option
from lrsweep.scripts.parameter import Default, Parameter
from lrsweep.scripts.signature import choices
from lrsweep.scripts.source import Source, keywords, last_name, literal

_PARSERS = ("HfArgumentParser", "parse")
# Those of transformers' own arguments that a sweep is about, with its defaults.
_TRAINING_ARGUMENTS: dict[str, Default] = {
    "learning_rate": 5e-5,
    "per_device_train_batch_size": 8,
    "num_train_epochs": 3.0,
    "weight_decay": 0.0,
}


def parameters(source: Source) -> Iterator[Parameter]:
    """One for each field of the dataclasses that a parser is given."""
    for name in dict.fromkeys(_given(source)):
        if name.endswith("TrainingArguments"):
            for field, default in _TRAINING_ARGUMENTS.items():
                yield _parameter(field, default)
        found = source.class_named(name)
        for line in found.body if found else ():
            if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
                allowed = choices(source, line.annotation)
                yield _parameter(line.target.id, _default(line.value), allowed)


def _given(source: Source) -> Iterator[str]:
    """The names of the classes in `HfArgumentParser((ModelArguments, TrainingArguments))`."""
    for parser in _PARSERS:
        for call in source.calls(parser):
            for given in call.args[:1]:
                items = given.elts if isinstance(given, ast.Tuple | ast.List) else [given]
                yield from map(last_name, items)


def _parameter(name: str, default: Default, allowed: tuple[str, ...] = ()) -> Parameter:
    return Parameter(name, Option(f"--{name}", takes_value=True), default, allowed)


def _default(value: ast.expr | None) -> Default:
    if isinstance(value, ast.Call) and last_name(value.func) == "field":
        return literal(keywords(value).get("default"))
    return literal(value)
