"""Parameters of scripts that read their command line with absl's flags."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from lrsweep.scripts.parameter import Many, Parameter
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

_DEFINES: Mapping[str, tuple[Kind | None, Many]] = {
    "DEFINE_float": ("float", "never"),
    "DEFINE_integer": ("int", "never"),
    "DEFINE_bool": ("bool", "never"),
    "DEFINE_boolean": ("bool", "never"),
    "DEFINE_string": ("text", "never"),
    "DEFINE_enum": ("text", "never"),
    "DEFINE_enum_class": ("text", "never"),
    "DEFINE_list": ("text", "commas"),
    "DEFINE_spaceseplist": ("text", "never"),
    "DEFINE_multi_float": ("float", "repeated"),
    "DEFINE_multi_integer": ("int", "repeated"),
    "DEFINE_multi_string": ("text", "repeated"),
    "DEFINE_multi_enum": ("text", "repeated"),
}


def is_used(source: Source) -> bool:
    """Whether a flag is defined."""
    return "absl" in source.imports and any(next(source.calls(d), None) for d in _DEFINES)


def parameters(source: Source) -> Iterator[Parameter]:
    """One for each flag, and for each value of a configuration that `ml_collections` reads."""
    for define, (kind, many) in _DEFINES.items():
        for call in source.calls(define):
            name = literal(call.args[0]) if call.args else None
            if isinstance(name, str):
                yield _parameter(name, call, kind, many)


def _parameter(name: str, call: ast.Call, kind: Kind | None, many: Many) -> Parameter:
    said = keywords(call)
    value = call.args[1] if len(call.args) > 1 else said.get("default")
    third = call.args[2] if len(call.args) > 2 else said.get("enum_values")
    default = literal_list(value) or literal(value)
    texts = [v for v in map(literal, call.args[2:]) if isinstance(v, str)]
    help_text = literal(said.get("help")) or (texts[-1] if texts else "")
    choices = literal_texts(third) if "enum" in last_name(call.func) else ()
    return Parameter(
        name, f"--{name}", kind, default, value is not None and is_literal(value), choices,
        many, help=str(help_text),
    )  # fmt: skip


def is_complete(source: Source) -> bool:
    """Whether every flag has a literal name; those of modules that are not read are not known."""
    calls = [call for define in _DEFINES for call in source.calls(define)]
    own = all(call.args and is_literal(call.args[0]) for call in calls)
    # A library of flags, or one whose flags are defined when it is imported.
    elsewhere = ("DEFINE_flag", "DEFINE", "DEFINE_alias", "adopt_module_key_flags")
    beside = any(next(source.calls(name), None) for name in elsewhere)
    return own and not beside and "ml_collections" not in source.imports
