"""Parameters of scripts whose options are the fields of dataclasses: HfArgumentParser."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from lrsweep.scripts.parameter import Arguments, Parameter
from lrsweep.scripts.signature import Field, fields_of_class, many_of
from lrsweep.scripts.source import Source, last_name

# Those of transformers' own arguments that a sweep is about, where it is not installed here.
_TRAINING_ARGUMENTS = ast.parse(
    "class TrainingArguments:\n"
    "    learning_rate: float = 5e-5\n"
    "    per_device_train_batch_size: int = 8\n"
    "    num_train_epochs: float = 3.0\n"
    "    weight_decay: float = 0.0\n"
)


def is_used(source: Source) -> bool:
    """Whether the parser is named."""
    return source.uses("HfArgumentParser")


def parameters(source: Source) -> Iterator[Parameter]:
    """One for each field of the dataclasses that a parser is given."""
    for name in dict.fromkeys(_given(source)):
        if name.endswith("TrainingArguments"):
            library = _library()
            if (found := library.class_named("TrainingArguments")) is not None:
                yield from (_parameter(field) for field in fields_of_class(library, found))
        if (own := source.class_named(name)) is not None:
            yield from (_parameter(field) for field in fields_of_class(source, own))


@cache
def _library() -> Source:
    """The arguments of transformers as it is installed here; never imported."""
    spec = importlib.util.find_spec("transformers")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder, "training_args.py")
        if path.is_file():
            tree = ast.parse(path.read_text(encoding="utf-8"))
            return Source(path, (tree,), frozenset())
    return Source(Path("transformers"), (_TRAINING_ARGUMENTS,), frozenset())


def _given(source: Source) -> Iterator[str]:
    """The names of the classes in `HfArgumentParser((ModelArguments, TrainingArguments))`."""
    for call in source.calls("HfArgumentParser"):
        for given in [*call.args[:1], *(word.value for word in call.keywords)]:
            items = given.elts if isinstance(given, ast.Tuple | ast.List) else [given]
            yield from map(last_name, items)


def _parameter(field: Field) -> Parameter:
    name, flag = field.path[-1], f"--{field.path[-1]}"
    read = field.type
    said: Mapping[bool | None, Arguments] | None = None
    if read.kind == "bool":
        none: Arguments = () if field.knows_default and field.default is None else None
        said = {True: (flag, "true"), False: (flag, "false"), None: none}
    return Parameter(
        name, flag, read.kind, field.default, field.knows_default, read.choices,
        many_of(read, "items"), said,
    )  # fmt: skip


def is_complete(source: Source) -> bool:
    """Whether every class that the parser is given is known."""
    given = list(_given(source))
    library = len(list(_library().nodes())) > 100
    return (
        bool(given)
        and all(
            source.class_named(name) is not None
            or (library and name in ("TrainingArguments", "Seq2SeqTrainingArguments"))
            for name in given
        )
        and "return_remaining_strings"
        not in {
            word.arg
            for call in source.calls("parse_args_into_dataclasses")
            for word in call.keywords
        }
    )
