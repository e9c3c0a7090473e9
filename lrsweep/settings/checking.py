"""What is wrong with settings, as one sentence: which one, its value, what would be right."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from lrsweep.errors import PlanError

Checked = TypeVar("Checked")
Location = tuple[str, ...]
Label = Callable[[Location, str | None], str]

# Handed on to the operating system as it came.
_COMMAND_LINE = ("target", "command", "sweep_command")
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")

_TYPES = {
    "string_type": "is not a text",
    "int_type": "is not a whole number",
    "float_type": "is not a number",
    "float_parsing": "is not a number",
    "finite_number": "is not a finite number",
    "bool_type": "is neither true nor false",
    "tuple_type": "is not a table of names and values",
    "list_type": "is not a list",
    "dict_type": "is not a table",
    "model_type": "is not a table",
}


def check(kind: type[Checked], content: Mapping[str, Any], label: Label) -> Checked:
    """`content` as `kind`; raises `PlanError` for the first thing that is wrong.

    `label` shows a setting and its value as the user wrote them, from its path of keys; the value
    is None where there is no such setting.
    """
    _check_texts(content, label)
    adapter: TypeAdapter[Checked] = TypeAdapter(kind)
    try:
        return adapter.validate_python(content)
    except ValidationError as error:
        first = error.errors()[0]
    path = _within(content, tuple(str(part) for part in first["loc"]))
    if first["type"] == "extra_forbidden":
        known = _keys(adapter.json_schema(), path[:-1])
        near = get_close_matches(path[-1], known, n=1)
        raise PlanError(
            label(path, None),
            hint=f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}",
        )
    sentence, hint = _sentence(first)
    raise PlanError(f"{label(path, _written(first['input']))} {sentence}", hint=hint)


def _check_texts(content: Mapping[str, Any], label: Label) -> None:
    """Raise `PlanError` for a setting that no file and no database can hold."""
    for name, value in content.items():
        items = value if isinstance(value, list | tuple) else (value,)
        texts = [] if name in _COMMAND_LINE else [item for item in items if isinstance(item, str)]
        if any(map(_NO_TEXT.search, texts)):
            said = label((name,), _written(value))
            raise PlanError(f"{said} is no text: it holds a null byte or bytes that are not UTF-8")


def _within(content: Mapping[str, Any], path: Location) -> Location:
    """`path` as far as it leads through tables: Pydantic appends the alternatives of a type."""
    node: Any = content
    for depth, part in enumerate(path):
        if not isinstance(node, Mapping) or part not in node:
            return path[: max(depth, 1)]
        node = node[part]
    return path


def _written(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else repr(value)


def _sentence(error: ErrorDetails) -> tuple[str, str | None]:
    context = error.get("ctx", {})
    match error["type"]:
        case "setting":
            return context["sentence"], context["hint"]
        case "literal_error":
            known = re.findall(r"'([^']*)'", context["expected"])
            near = get_close_matches(str(error["input"]), known, n=1)
            hint = f"did you mean {near[0]}?" if near else None
            return f"is not one of {', '.join(known)}", hint
        case "too_short":
            return "is empty", None
        case "greater_than_equal":
            return f"is not at least {context['ge']}", None
        case kind:
            return _TYPES.get(kind, f"is wrong: {error['msg']}"), None


def _keys(schema: Mapping[str, Any], table: Location) -> list[str]:
    """The keys that `table` may hold, as users write them."""
    node = schema
    for part in table:
        below = node.get("properties", {})
        node = below[part] if part in below else node.get("additionalProperties", {})
        if "$ref" in node:
            node = schema["$defs"][node["$ref"].rpartition("/")[2]]
    return list(node.get("properties", {}))
