"""One value as text: how it is read, and how it is written so that it reads back the same."""

from __future__ import annotations

import math
import re
from typing import Literal, TypeGuard

from lrsweep.errors import SpaceError
from lrsweep.space.names import shown
from lrsweep.terms import is_learning_rate
from lrsweep.trial import ParamValue

# What a script takes for a parameter, as far as its source tells.
Kind = Literal["float", "int", "bool", "text"]

_INTEGER = re.compile(r"[+-]?(?:0|[1-9][0-9]*(?:_[0-9]+)*)")
_FLOAT = re.compile(
    r"[+-]?(?:(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:e[+-]?[0-9]+)?|nan|inf|infinity)",
    re.IGNORECASE,
)
_NUMBER_BEGINS = re.compile(r"[+-]?\.?[0-9]|[+-]?(?:nan|inf|infinity)\Z", re.IGNORECASE)
_QUOTED = re.compile(r"""\s*(?:'(?P<one>[^']*(?:''[^']*)*)'|"(?P<two>[^"]*(?:""[^"]*)*)")\s*""")
# Bytes of a command line that are not UTF-8 arrive as lone surrogates.
_UNUSABLE = re.compile(r"[\0\ud800-\udfff]")
_BOOLEANS = {"true": True, "false": False}
_NULLS = ("null", "None")
_QUOTES = "'\""
_BRACKETS = (("(", ")"), ("[", "]"), ("{", "}"))
_MOST_DIGITS = 40


def format_value(value: ParamValue) -> str:
    """The shortest text that reads back exactly: 1.0, 0.001, 1e-05, 64, true, null, sgd.

    A float always looks like a float, so that a script that checks types takes it.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    return value if isinstance(value, str) else repr(value)


def plain_number(value: int | float) -> str:
    """A number for the eye: as `format_value`, and 1 instead of 1.0."""
    return format_value(value).removesuffix(".0")


def same_value(a: ParamValue, b: ParamValue) -> bool:
    """Whether two values are the same to a script: 1 is 1.0, but neither True nor "1"."""
    return isinstance(a, bool) == isinstance(b, bool) and a == b


def check_value(value: ParamValue, label: str) -> None:
    """Raises `SpaceError` for a value of `label` that cannot be handed to a script or stored."""
    if isinstance(value, float) and not math.isfinite(value):
        raise SpaceError(
            f"{format_value(value)} is not a finite number",
            hint=f"try {label}={quote(format_value(value))}",
        )
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        raise SpaceError(
            f"the integer {value} does not fit into 64 bits", hint=f"try {label}='{value}'"
        )
    if isinstance(value, str):
        check_text(value)


def check_text(text: str) -> None:
    """Raises `SpaceError` for text that no command can be given and no database holds."""
    if _UNUSABLE.search(text):
        raise SpaceError(
            "the text holds a NUL character or a byte that is not UTF-8",
            hint=f"try {_UNUSABLE.sub('_', text)}",
        )


def looks_like_range(text: str) -> bool:
    """Whether `text` is meant as LOW:HIGH: it has a colon, and a number or nothing before it.

    `cuda:0` and `wsd:decay=0.2` are text.
    """
    low, colon, _ = text.partition(":")
    return bool(colon) and (not low.strip() or _NUMBER_BEGINS.match(low.strip()) is not None)


def read_number(text: str) -> int | float | None:
    """The number that `text` spells, NaN and infinities included; None where it is none.

    An integer with a leading zero (007) is none: written back it would have lost it.
    """
    word = text.strip()
    if _INTEGER.fullmatch(word):
        if len(word) > _MOST_DIGITS:
            raise SpaceError(
                f"the integer {shown(word, 24)} has more than {_MOST_DIGITS} digits",
                hint="try lr=1e-5:1",
            )
        return int(word)
    return float(word) if _FLOAT.fullmatch(word) else None


def read_value(text: str, label: str, kind: Kind | None = None) -> ParamValue:
    """The value that `text` spells, quoted or not; what is no number, boolean or null is text.

    `kind` is what the script takes: 0 is a float where it takes floats, and text that looks like a
    number stays as it was typed where it takes texts. Raises
    `SpaceError`, whose hint gives the value to `label`.
    """
    if (quoted := unquote(text)) is not None:
        return quoted
    word = text.strip()
    if not word:
        raise SpaceError("a value is empty", hint=f"try {label}=''")
    if opens_quote(word):
        raise _open_quote(word, word, label)
    if word in _NULLS:
        return None
    if kind == "text":
        return text
    if word.lower() in _BOOLEANS:
        return _BOOLEANS[word.lower()]
    number = read_number(word)
    return text if number is None else as_kind(number, kind)


def as_kind(number: int | float, kind: Kind | None) -> int | float:
    """`number` as the script takes it: 1 as 1.0 and 1e4 as 10000, or true for 1, where that is so.

    Otherwise the number itself.
    """
    if kind == "float":
        return float(number)
    if kind == "int" and isinstance(number, float) and number.is_integer():
        return int(number)
    return bool(number) if kind == "bool" and number in (0, 1) else number


def may_stand_bare(text: str, name: str) -> bool:
    """Whether `text` may be the value of `name` without quotes.

    A learning rate is a number or one word (`auto`), so that `lr=1e-5..1` is not taken for text.
    """
    return text.isidentifier() or not is_learning_rate(name)


def unquote(text: str) -> str | None:
    """The text between the quotes where `text` is one quoted text, otherwise None.

    Inside, a doubled quote stands for one: 'it''s'.
    """
    found = _QUOTED.fullmatch(text)
    if found is None:
        return None
    one, two = found["one"], found["two"]
    return one.replace("''", "'") if one is not None else two.replace('""', '"')


def opens_quote(text: str) -> bool:
    """Whether `text` begins with a quote and is not one quoted text."""
    return text.strip()[:1] in ("'", '"') and unquote(text) is None


def _open_quote(item: str, whole: str, label: str) -> SpaceError:
    return SpaceError(
        f"the quote that {shown(item)} begins with does not close at its end",
        hint=f"try {label}={quote(whole.strip(_QUOTES))}",
    )


def quote(text: str) -> str:
    """`text` in quotes, such that `unquote` gives it back."""
    if "'" in text and '"' not in text:
        return f'"{text}"'
    return "'" + text.replace("'", "''") + "'"


def read_list(text: str, label: str, kind: Kind | None = None) -> tuple[ParamValue, ...]:
    """The values of a list such as `sgd, 0.1, 'a,b'`; one value where there is no comma.

    Beside a text, what looks like a number is text as well, as it was typed: 05930, 67217e15.
    Raises `SpaceError` where an item is empty, is a range, or was cut out of a bracket.
    """
    items = split_list(text)
    for item in items:
        if not item:
            rest = ",".join(filter(None, items)) or "''"
            raise SpaceError("a value is empty", hint=f"try {label}={rest}")
        if opens_quote(item):
            raise _open_quote(item, text.strip(), label)
        if looks_like_range(item):
            mended = (quote(each) if looks_like_range(each) else each for each in items)
            raise SpaceError(
                f"{shown(item)} is a range, and a list holds single values",
                hint=f"try {label}={','.join(mended)}",
            )
        if unquote(item) is None and not _brackets_pair(item):
            whole = text.strip()
            raise SpaceError(
                f"the brackets in {shown(item)} do not pair up, since a list parts at every comma",
                hint=f"try {label}={quote(whole)}",
            )
    values = tuple(read_value(item, label, kind) for item in items)
    if is_learning_rate(label.partition("@")[0]) or not any(isinstance(v, str) for v in values):
        return values
    return tuple(
        item if is_number(value) else value for item, value in zip(items, values, strict=True)
    )


def is_number(value: ParamValue) -> TypeGuard[int | float]:
    """Whether `value` is a number; a boolean is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _brackets_pair(text: str) -> bool:
    return all(text.count(left) == text.count(right) for left, right in _BRACKETS)


def split_list(text: str) -> list[str]:
    """The items of a list as typed, stripped, quotes kept; a comma inside quotes does not part."""
    items: list[str] = []
    start = 0
    while True:
        quoted = _QUOTED.match(text, start)
        comma = text.find(",", quoted.end() if quoted else start)
        if comma < 0:
            return [*items, text[start:].strip()]
        items.append(text[start:comma].strip())
        start = comma + 1


def write_value(value: ParamValue, name: str = "") -> str:
    """`value` as one item of a list of `name`, quoted only where it would read otherwise."""
    text = format_value(value)
    if not isinstance(value, str):
        return text
    try:
        same = read_list(text, name) == (text,)
    except SpaceError:
        same = False
    return text if same and may_stand_bare(text, name) else quote(text)
