"""One value as text: how it is read, and how it is written so that it reads back the same."""

from __future__ import annotations

import math
import re

from lrsweep.errors import SpaceError
from lrsweep.space.names import is_learning_rate, shown
from lrsweep.trial import ParamValue

_INTEGER = re.compile(r"[+-]?(?:0|[1-9][0-9]*(?:_[0-9]+)*)")
_FLOAT = re.compile(
    r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|nan|inf|infinity)", re.IGNORECASE
)
_NUMBER_BEGINS = re.compile(r"[+-]?\.?[0-9]|[+-]?(?:nan|inf|infinity)\Z", re.IGNORECASE)
_QUOTED = re.compile(r"""\s*(?:'(?P<one>[^']*(?:''[^']*)*)'|"(?P<two>[^"]*(?:""[^"]*)*)")\s*""")
_BOOLEANS = {"true": True, "false": False}
_BRACKETS = (("(", ")"), ("[", "]"), ("{", "}"))
_MOST_DIGITS = 40


def format_value(value: ParamValue) -> str:
    """The shortest text that reads back exactly: 1.0, 0.001, 1e-05, 64, true, sgd.

    A float always looks like a float, so that a script that checks types takes it.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else repr(value)


def plain_number(value: int | float) -> str:
    """A number for the eye: as `format_value`, and 1 instead of 1.0."""
    return format_value(value).removesuffix(".0")


def same_value(a: ParamValue, b: ParamValue) -> bool:
    """Whether two values are the same to a script: 1 is 1.0, but neither True nor "1"."""
    return isinstance(a, bool) == isinstance(b, bool) and a == b


def check_value(value: ParamValue) -> None:
    """Raises `SpaceError` for a value that cannot be handed to a script or stored."""
    if isinstance(value, float) and not math.isfinite(value):
        raise SpaceError(f"{format_value(value)} is not a finite number")
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        raise SpaceError(f"the integer {shown(str(value))} does not fit into 64 bits")
    if isinstance(value, str) and ("\0" in value or not _is_unicode(value)):
        raise SpaceError("the value holds a character that no argument of a command can hold")


def _is_unicode(text: str) -> bool:
    # Bytes of the command line that are not UTF-8 arrive as lone surrogates.
    return not any("\ud800" <= char <= "\udfff" for char in text)


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
            raise SpaceError(f"the integer {shown(word, 20)} does not fit into 64 bits")
        return int(word)
    return float(word) if _FLOAT.fullmatch(word) else None


def read_value(text: str, name: str = "") -> ParamValue:
    """The value that `text` spells, quoted or not; what is no number and no boolean is text.

    `name` is the parameter's: a learning rate is a number or a single word (`auto`), so that
    `lr=1e-5..1` is refused. Raises `SpaceError`.
    """
    if (quoted := unquote(text)) is not None:
        return quoted
    word = text.strip()
    if not word:
        raise SpaceError("a value is empty", hint=f"try {name}='' for an empty text")
    if word[0] in "'\"":
        raise SpaceError(f"the quote in {shown(text)} does not close at the end of the value")
    if word.lower() in _BOOLEANS:
        return _BOOLEANS[word.lower()]
    number = read_number(word)
    if number is not None:
        return number
    if is_learning_rate(name) and not word.isidentifier():
        raise SpaceError(f"{shown(word)} is not a number", hint=f"try {name}=1e-5:1")
    return text


def unquote(text: str) -> str | None:
    """The text between the quotes where `text` is one quoted text, otherwise None.

    Inside, a doubled quote stands for one: 'it''s'.
    """
    found = _QUOTED.fullmatch(text)
    if found is None:
        return None
    one, two = found["one"], found["two"]
    return one.replace("''", "'") if one is not None else two.replace('""', '"')


def quote(text: str) -> str:
    """`text` in quotes, such that `unquote` gives it back."""
    if "'" in text and '"' not in text:
        return f'"{text}"'
    return "'" + text.replace("'", "''") + "'"


def read_list(text: str, name: str = "") -> tuple[ParamValue, ...]:
    """The values of a list such as `sgd, 0.1, 'a,b'`; one value where there is no comma.

    Raises `SpaceError` where an item is empty, is a range, or was cut out of a bracket.
    """
    items = split_list(text)
    for item in items:
        if unquote(item) is not None:
            continue
        if looks_like_range(item):
            raise SpaceError(
                f"{shown(item.strip())} is a range, and a list holds single values",
                hint=f"try {name}={','.join(map(_quoted_range, items))}",
            )
        if any(item.count(left) != item.count(right) for left, right in _BRACKETS):
            raise SpaceError(
                "a comma inside brackets would cut the value in two",
                hint=f"try {name}={quote(text.strip())}",
            )
    return tuple(read_value(item, name) for item in items)


def _quoted_range(item: str) -> str:
    return quote(item) if looks_like_range(item) else item


def split_list(text: str) -> list[str]:
    """The items of a list as typed, stripped, quotes kept; a comma inside quotes does not part."""
    items: list[str] = []
    start = 0
    while True:
        quoted = _QUOTED.match(text, start)
        end = quoted.end() if quoted else start
        comma = text.find(",", end)
        if comma < 0:
            return [*items, text[start:].strip()]
        items.append(text[start:comma].strip())
        start = comma + 1


def write_value(value: ParamValue, name: str = "") -> str:
    """`value` as one item of a list, quoted only where it would read otherwise."""
    text = format_value(value)
    if not isinstance(value, str):
        return text
    try:
        return text if read_list(text, name) == (text,) else quote(text)
    except SpaceError:
        return quote(text)
