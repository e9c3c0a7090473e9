"""How numbers and lists are spelled in sentences, tables and plots."""

from __future__ import annotations

import math
from collections.abc import Sequence

_FIXED_FROM, _FIXED_TO = 1e-4, 1e7


def number(value: float, digits: int = 4) -> str:
    """`value` with `digits` significant digits: "0.0316", "1e-05", "12350", "inf"."""
    if not math.isfinite(value):
        return str(value)
    text = f"{value:.{digits}g}"
    if "e" in text and (value == 0 or _FIXED_FROM <= abs(value) < _FIXED_TO):
        return f"{float(text):.0f}"
    return text


def percent(share: float) -> str:
    """`share` of 1 in whole percent, never rounded to 0 or to 100: "33 %", "<1 %"."""
    if 0 < share < 0.005:
        return "<1 %"
    if 0.995 <= share < 1:
        return ">99 %"
    return f"{100 * share:.0f} %"


def counted(count: int, noun: str) -> str:
    """ "1 trial", "2 trials"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def listed(items: Sequence[object], most: int = 6) -> str:
    """ "a", "a and b", "a, b and c"; beyond `most` items "a, b and 7 more"."""
    texts = [str(item) for item in items]
    if len(texts) > most:
        texts = [*texts[: most - 1], f"{len(texts) - most + 1} more"]
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)
