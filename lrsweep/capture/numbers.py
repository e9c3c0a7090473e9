"""Numbers as programs print them: `0.43`, `1e-3`, `1,234.5`, `1_234`, `0,43`, `−2`, `nan`.

`NUMBER` finds the whole run of characters that a number may consist of, and `number` says what it
is worth: a run that may be two different numbers (`1,234`) or none (`1.2.3`) is worth nothing until
the text shows how it writes them.
"""

from __future__ import annotations

import re
from enum import StrEnum

# What may stand between the digits of one number: the marks of decimals and of thousands.
_MARKS = ".,'’\u00a0\u2009\u202f\u066b\u066c"
_REST = rf"\d*+(?:_\d++)*+(?:(?:[{_MARKS}]\d++(?:_\d++)*+)++|\.?+)(?:[eE][-+]?\d++)?+"
# It is no part of a word, a date or a version: not the 1 of `f1`, `Acc@1` or `2024-01`. A unit may
# follow. It begins with what it consumes and never goes back, so that the search is linear.
NUMBER = re.compile(
    rf"(\d(?<![\w@.].)(?<!\w-.){_REST}"
    rf"|[-+\u2212\ufe63\uff0d.](?<![\w@.].)(?:(?<=\.)|\.)?\d{_REST}"
    r"|[-+\u2212](?<![\w@.].)(?:[nN][aA][nN]|[iI][nN][fF](?:inity)?)\b"
    r"|[nN](?<![\w@.].)[aA][nN]\b"
    r"|[iI](?<![\w@.].)[nN][fF](?:inity)?\b"
    r")"
)
_ASCII = str.maketrans({"\u2212": "-", "\ufe63": "-", "\uff0d": "-", "\u066b": ".", "\u066c": "’"})
_EXPONENT = r"(?:[eE][-+]?\d+)?"
# 1,234.5  1'234  1,234,567 and, of one group of three alone, what may be 1.234 too.
_THOUSANDS = re.compile(
    rf"[-+]?[1-9]\d{{0,2}}(?:([,'’\u00a0\u2009\u202f])\d{{3}})(?:\1\d{{3}})*(?:\.\d+)?{_EXPONENT}"
)
_EITHER = re.compile(r"[-+]?[1-9]\d{0,2}[.,]\d{3}")
_DECIMAL_COMMA = re.compile(
    rf"[-+]?(?:\d+|[1-9]\d{{0,2}}(?:[.'’\u00a0\u2009\u202f]\d{{3}})+),\d+{_EXPONENT}"
)
_INSIDE = re.compile(r"[^-+\d]")
_GROUPS = re.compile(r"[,'’\u00a0\u2009\u202f]")


class Mark(StrEnum):
    """What stands before the decimals in a text."""

    POINT = "."
    COMMA = ","


def to_float(text: str, mark: Mark | None = Mark.POINT) -> float | None:
    """The number that is the whole of `text`, or None. `94%` is 94; `1,234.5` is 1234.5."""
    text = text.removesuffix("%").rstrip()
    return number(text, mark) if NUMBER.fullmatch(text) else None


def number(text: str, mark: Mark | None) -> float | None:
    """The value of a text that `NUMBER` found, in a text that writes decimals with `mark`.

    None where it is not certain: `1,234` where the mark is not known, `1.2.3`, `1,2,3`.
    """
    if mark is Mark.COMMA and _EITHER.fullmatch(text):
        return float(text.replace(",", ".")) if "," in text else None
    try:
        return float(text)
    except ValueError:
        return _marked(text.translate(_ASCII), mark)


def _marked(text: str, mark: Mark | None) -> float | None:
    if _THOUSANDS.fullmatch(text):
        certain = mark is Mark.POINT or _EITHER.fullmatch(text) is None
        return float(_GROUPS.sub("", text)) if certain else None
    if mark is not Mark.POINT and _DECIMAL_COMMA.fullmatch(text):
        whole, _, decimals = text.partition(",")
        return float(f"{_INSIDE.sub('', whole)}.{decimals}")
    try:
        return float(text)
    except ValueError:
        return None


def mark_of(text: str) -> Mark | None:
    """The mark that a number shows without doubt: a comma in `0,43`, a point in `0.4321`."""
    text = text.translate(_ASCII)
    if _EITHER.fullmatch(text) or ("." not in text and "," not in text):
        return None
    if _THOUSANDS.fullmatch(text):
        return Mark.POINT if "." in text else None
    if _DECIMAL_COMMA.fullmatch(text):
        return Mark.COMMA
    return Mark.POINT if "," not in text else None
