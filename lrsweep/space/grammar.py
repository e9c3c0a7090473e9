"""Grammar text to parameter: `lr@sgd=1e-3:1:log:points=7`, `optimizer=sgd,adamw`, `epochs=5`."""

from __future__ import annotations

import math
import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from lrsweep.errors import SpaceError
from lrsweep.space.choices import Choice, Fixed
from lrsweep.space.condition import Condition
from lrsweep.space.names import check_name, is_learning_rate, shown
from lrsweep.space.parameters import Parameter
from lrsweep.space.ranges import Float, Int, is_log_by_default
from lrsweep.space.suffixes import read_suffixes
from lrsweep.space.values import (
    looks_like_range,
    plain_number,
    read_list,
    read_number,
    read_value,
    split_list,
    unquote,
)

_NAME = re.compile(r"[^@=]*")
# What stands between @ and =, or between two = signs: a quoted text or anything without =.
_TOKEN = re.compile(r"""(\s*'[^']*(?:''[^']*)*'\s*|\s*"[^"]*(?:""[^"]*)*"\s*|[^=]*)=""")


def name_of(text: str) -> str:
    """The plain name that `text` begins with, checked for nothing."""
    found = _NAME.match(text)
    return found.group().strip() if found else ""


def parse_parameter(text: str, names: AbstractSet[str], *, whole: bool = False) -> Parameter:
    """The parameter that `text` spells; `names` are all plain names of the space.

    With `whole`, what stands after the = is one value, commas and colons included. A condition that
    names no parent is left with an empty one. Raises `SpaceError`, beginning with `text` itself.
    """
    try:
        head = _read_head(text, names)
        check_name(head.name)
        return _read_fixed(head) if whole else _read_body(head)
    except SpaceError as error:
        raise SpaceError(f"{shown(text)}: {error.message}", hint=error.hint) from None


@dataclass(frozen=True, slots=True)
class _Head:
    """A text taken apart at its = sign; `label` is what was typed before it."""

    label: str
    name: str
    when: Condition | None
    body: str


def _read_head(text: str, names: AbstractSet[str]) -> _Head:
    name = name_of(text)
    typed, separator, rest = text.partition("=")
    if not separator:
        raise SpaceError("there is no = and no value after it", hint=f"try {name or 'lr'}=1e-5:1")
    if "@" not in typed:
        return _Head(name, name, None, rest)
    rest = text.partition("@")[2]
    token = _TOKEN.match(rest)
    if token is None or not token[1].strip():
        raise SpaceError("the condition after the @ is incomplete", hint=f"try {name}@sgd=1e-3:1")
    body = rest[token.end() :]
    value = _TOKEN.match(body)
    if token[1].strip() in names and value is not None:
        when = Condition(token[1].strip(), read_value(value[1].strip()))
        label = f"{name}@{token[1].strip()}={value[1].strip()}"
        return _Head(label, name, when, body[value.end() :])
    if unquote(token[1]) is None and "," in token[1]:
        each = (f"{name}@{value.strip()}={body}" for value in token[1].split(","))
        raise SpaceError("a condition names one value", hint=f"try {' '.join(each)}")
    return _Head(
        f"{name}@{token[1].strip()}", name, Condition("", read_value(token[1].strip())), body
    )


def _read_fixed(head: _Head) -> Parameter:
    body = head.body
    if not body.strip():
        raise _no_value(head)
    opened = body.strip()[0] in "'\"" and unquote(body) is None
    return Fixed(head.name, body if opened else read_value(body, head.name), when=head.when)


def _read_body(head: _Head) -> Parameter:
    body = head.body.strip()
    if not body:
        raise _no_value(head)
    if len(split_list(body)) == 1 and looks_like_range(body):
        return _read_range(head, [piece.strip() for piece in body.split(":")])
    values = read_list(body, head.name)
    if len(values) == 1:
        return Fixed(head.name, values[0], when=head.when)
    return Choice(head.name, values, when=head.when)


def _no_value(head: _Head) -> SpaceError:
    return SpaceError("there is no value after the =", hint=f"try {head.label}=1e-5:1")


def _read_range(head: _Head, pieces: list[str]) -> Parameter:
    low, high = (
        _read_end(head, which, text)
        for which, text in zip(("low", "high"), pieces[:2], strict=True)
    )
    suffixes = read_suffixes(head.label, pieces)
    scale, step, points = suffixes.scale, suffixes.step, suffixes.points
    integers = isinstance(low, int) and isinstance(high, int) and not isinstance(step, float)
    if suffixes.integer or scale == "pow2" or (integers and not is_learning_rate(head.name)):
        return Int(
            head.name,
            _whole(head, low),
            _whole(head, high),
            log=scale == "log",
            pow2=scale == "pow2",
            step=None if step is None else _whole(head, step),
            points=points,
            when=head.when,
        )
    log = scale == "log" or (
        scale is None and step is None and is_log_by_default(head.name, low, high)
    )
    return Float(head.name, low, high, log, step=step, points=points, when=head.when)


def _read_end(head: _Head, which: str, text: str) -> int | float:
    if not text:
        raise SpaceError(
            f"the {which} end of the range is missing", hint=f"try {head.label}=1e-5:1"
        )
    number = read_number(text)
    if number is None:
        raise SpaceError(
            f"the {which} end {shown(text)} is not a number", hint=f"try {head.label}=1e-5:1"
        )
    return number


def _whole(head: _Head, number: int | float) -> int:
    if isinstance(number, int):
        return number
    if not math.isfinite(number) or not number.is_integer():
        raise SpaceError(
            f"an integer range needs whole numbers, and {plain_number(number)} is not one",
            hint=f"try {head.label}=1:10:int",
        )
    return int(number)
