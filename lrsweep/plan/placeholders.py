"""`{placeholders}` in an argument: finding them and filling them; literal braces are doubled."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from lrsweep.errors import PlanError
from lrsweep.space import format_value
from lrsweep.trial import ParamValue

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


def placeholders(texts: Iterable[str]) -> tuple[str, ...]:
    """The names in braces in `texts`, without repeats; raises `PlanError` for a lone brace."""
    found: dict[str, None] = {}
    for text in texts:
        for match in _TOKEN.finditer(text):
            if match.group() in ("{", "}"):
                raise PlanError(
                    f"a single {match.group()!r} in the argument {text!r}",
                    hint=f"double it to mean the character itself: {match.group() * 2}",
                )
            if match.group(1) is not None:
                found[match.group(1)] = None
    return tuple(found)


def fill(text: str, values: Mapping[str, ParamValue]) -> str:
    """`text` with every placeholder replaced by its value, and doubled braces by single ones."""

    def replace(match: re.Match[str]) -> str:
        name = match.group(1)
        return match.group()[0] if name is None else format_value(values[name])

    return _TOKEN.sub(replace, text)
