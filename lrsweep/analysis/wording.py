"""How numbers and lists are spelled in sentences, tables and plots."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lrsweep.trial import ParamValue

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


def duration(seconds: float) -> str:
    """ "0.8 s", "12 s", "2 min 05 s", "3 h 07 min", "2 d 04 h"."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for large, small, size, unit in (("d", "h", 86400, 3600), ("h", "min", 3600, 60)):
        if whole >= size:
            return f"{whole // size} {large} {whole % size // unit:02} {small}"
    return f"{whole // 60} min {whole % 60:02} s" if whole >= 60 else f"{whole} s"


def plain(value: ParamValue | None) -> str:
    """A parameter's value for the eye: floats to four digits, true and false, "-" for none."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "true" if value else "false"
    return number(value) if isinstance(value, float) else str(value)
