"""Grammar text to parameter: `lr@sgd=1e-3:1:log:points=7`, `optimizer=sgd,adamw`, `epochs=5`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from types import MappingProxyType

from lrsweep.errors import SpaceError
from lrsweep.space.choices import Choice, Fixed
from lrsweep.space.elsewhere import as_written_elsewhere
from lrsweep.space.head import Head, read_head
from lrsweep.space.names import shown
from lrsweep.space.parameters import Parameter
from lrsweep.space.ranges import Float, Int, is_log_by_default
from lrsweep.space.suffixes import read_suffixes
from lrsweep.space.values import (
    Kind,
    as_kind,
    check_text,
    looks_like_range,
    may_stand_bare,
    opens_quote,
    plain_number,
    read_list,
    read_number,
    read_value,
    split_list,
    unquote,
)
from lrsweep.terms import is_learning_rate
from lrsweep.trial import ParamValue

_UNKNOWN: Mapping[str, Kind] = MappingProxyType({})


def parse_parameter(
    text: str,
    names: AbstractSet[str],
    *,
    whole: bool = False,
    kinds: Mapping[str, Kind] = _UNKNOWN,
) -> Parameter:
    """The parameter that `text` spells; `names` are the plain names of all of the space.

    `kinds` is what the script takes, by plain name, as far as it is known: `0:1` is then a range of
    floats for one that takes floats. With `whole`, what stands after the = is one value, commas and
    colons included. A condition that names no parent is left with an empty one. Raises
    `SpaceError`, beginning with `text` itself.
    """
    try:
        check_text(text)
        head = read_head(text, names)
        if not head.body.strip():
            raise SpaceError(
                "there is no value after the =",
                hint=f"try {head.label}=''" if whole else f"try {head.label}=1e-5:1",
            )
        kind = kinds.get(head.name)
        return _read_whole(head, kind) if whole else _read_body(head, kind)
    except SpaceError as error:
        raise SpaceError(f"{shown(text)}: {error.message}", hint=error.hint) from None


def _read_whole(head: Head, kind: Kind | None) -> Parameter:
    body = head.body
    if opens_quote(body):
        return Fixed(head.name, body, when=head.when)
    value = read_value(body, head.label, kind)
    _check_bare(head, body, value)
    return Fixed(head.name, value, when=head.when)


def _read_body(head: Head, kind: Kind | None) -> Parameter:
    if (meant := as_written_elsewhere(head.name, head.body)) is not None:
        raise SpaceError(
            f"{shown(head.body.strip())} is how other programs write it",
            hint=f"try {head.label}={meant}",
        )
    items = split_list(head.body)
    if len(items) == 1 and looks_like_range(items[0]):
        return _read_range(head, [piece.strip() for piece in items[0].split(":")], kind)
    values = read_list(head.body, head.label, kind)
    for item, value in zip(items, values, strict=True):
        _check_bare(head, item, value)
    if len(values) == 1:
        return Fixed(head.name, values[0], when=head.when)
    return Choice(head.name, values, when=head.when)


def _check_bare(head: Head, item: str, value: ParamValue) -> None:
    bare_text = isinstance(value, str) and unquote(item) is None
    if bare_text and not may_stand_bare(item.strip(), head.name):
        raise SpaceError(f"{shown(item.strip())} is not a number", hint=f"try {head.label}=1e-5:1")


def _read_range(head: Head, pieces: list[str], kind: Kind | None) -> Parameter:
    low, high = (
        as_kind(_read_end(head, which, piece), kind if kind in ("float", "int") else None)
        for which, piece in zip(("low", "high"), pieces, strict=False)
    )
    suffixes = read_suffixes(head.label, pieces)
    scale, step, points = suffixes.scale, suffixes.step, suffixes.points
    integers = isinstance(low, int) and isinstance(high, int) and not isinstance(step, float)
    if suffixes.integer or scale == "pow2" or (integers and not is_learning_rate(head.name)):
        example = f"{head.label}=1:16:{'pow2' if scale == 'pow2' else 'int'}"
        return Int(
            head.name,
            _whole(low, example),
            _whole(high, example),
            log=scale == "log",
            pow2=scale == "pow2",
            step=None if step is None else _whole(step, example),
            points=points,
            when=head.when,
        )
    by_default = scale is None and step is None and is_log_by_default(head.name, low, high)
    log = scale == "log" or by_default
    return Float(head.name, low, high, log, step=step, points=points, when=head.when)


def _read_end(head: Head, which: str, text: str) -> int | float:
    number = read_number(text)
    if number is None:
        problem = f"{shown(text)} is not a number" if text else "is missing"
        raise SpaceError(
            f"the {which} end {problem}",
            hint=f"try {head.label}=1e-5:1",
        )
    return number


def _whole(number: int | float, example: str) -> int:
    if isinstance(number, int):
        return number
    if not (math.isfinite(number) and number.is_integer()):
        raise SpaceError(
            f"an integer range needs whole numbers, and {plain_number(number)} is not one",
            hint=f"try {example}",
        )
    return int(number)
