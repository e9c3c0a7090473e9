"""What stands before a parameter's values: `lr=`, `lr@sgd=`, `lr@optimizer=sgd=`."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from lrsweep.errors import SpaceError
from lrsweep.space.condition import Condition
from lrsweep.space.names import check_name
from lrsweep.space.values import read_value, unquote

_NAME = re.compile(r"[^@=]*")
# One piece of a condition and the = after it: a quoted text, or anything without =.
_PIECE = re.compile(r"""(\s*'[^']*(?:''[^']*)*'\s*|\s*"[^"]*(?:""[^"]*)*"\s*|[^=]*)=""")


@dataclass(frozen=True, slots=True)
class Head:
    """A text taken apart before its values; `label` is the head as it was typed."""

    name: str
    label: str
    when: Condition | None
    body: str


def name_of(text: str) -> str:
    """The plain name that `text` begins with, whether or not it may name a parameter."""
    found = _NAME.match(text)
    return found.group().strip() if found else ""


def read_head(text: str, names: AbstractSet[str]) -> Head:
    """Takes `text` apart; `names` are the plain names of all parameters of the space.

    A condition that names no parent is left with an empty one. Raises `SpaceError`.
    """
    name = name_of(text)
    before, equals, after = text.partition("=")
    check_name(name)
    if not equals:
        raise SpaceError("there is no = with a value after it", hint=f"try {name}=1e-5:1")
    if "@" not in before:
        return Head(name, name, None, after)
    return _read_condition(name, text.partition("@")[2], names)


def _read_condition(name: str, text: str, names: AbstractSet[str]) -> Head:
    first = _PIECE.match(text)
    if first is None or not first[1].strip():
        raise SpaceError("there is no value between @ and =", hint=f"try {name}@sgd=1e-3:1")
    piece, body = first[1].strip(), text[first.end() :]
    second = _PIECE.match(body)
    if piece in names and second is not None:
        label = f"{name}@{piece}={second[1].strip()}"
        return Head(
            name,
            label,
            Condition(piece, read_value(second[1].strip(), label)),
            body[second.end() :],
        )
    if "," in piece and unquote(piece) is None:
        each = (f"{name}@{value.strip()}={body}" for value in piece.split(","))
        raise SpaceError("a condition names one value", hint=f"try {' '.join(each)}")
    label = f"{name}@{piece}"
    return Head(name, label, Condition("", read_value(piece, label)), body)
