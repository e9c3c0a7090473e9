"""Numbers as programs print them."""

from __future__ import annotations

import re

# A number that is no part of a word, a date or a version: not the 1 of `f1`, `Acc@1` or `2.13.1`.
# It may have a unit after it. It begins with what it consumes, so that the search is fast.
NUMBER = re.compile(
    r"((?:"
    r"[1-9](?<![\w@.].)(?<!\w-.)\d{0,2}(?:,\d{3})+(?![\d,])(?:\.\d+)?"
    r"|\d(?<![\w@.].)(?<!\w-.)\d*\.?\d*(?:[eE][-+]?\d+)?"
    r"|[-+.](?<![\w@.].)(?:(?<=\.)|\.)?\d+\.?\d*(?:[eE][-+]?\d+)?"
    r"|[-+](?<![\w@.].)(?:[nN][aA][nN]|[iI][nN][fF](?:inity)?)\b"
    r"|[nN](?<![\w@.].)[aA][nN]\b"
    r"|[iI](?<![\w@.].)[nN][fF](?:inity)?\b"
    r"))"
)


def to_float(text: str) -> float | None:
    """The number that is the whole of `text`, or None. `94%` is 94; `1,234.5` is 1234.5."""
    text = text.removesuffix("%").rstrip()
    if NUMBER.fullmatch(text) is None:
        return None
    return number(text)


def number(text: str) -> float:
    """The value of a text that `NUMBER` found."""
    return float(text.replace(",", ""))
