"""The user's regular expression, which may be as slow as it likes and still freezes nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import regex

from lrsweep.errors import PlanError

# How long the search in one line may take, and how long a line may be.
_LINE_S = 0.5
_LONGEST_LINE = 1 << 14
# Lines on which a pattern that tries too many ways to match shows it.
_TRIAL_LINE = 4_000


@dataclass(frozen=True, slots=True)
class Found:
    """What the groups of a pattern held; None for what is not there, or is no whole number."""

    value: str | None
    step: int | None


class MetricRegex:
    """The pattern of `--metric-regex`; its group `value` is the objective, `step` the step.

    Raises `PlanError` for a pattern that cannot be used, or that takes far too long on a line that
    does not match. `search` raises it where that shows only on a line of the output.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._pattern = _compiled(text)

    def search(self, line: str) -> Found | None:
        """What the pattern finds in `line`; nothing in a line beyond 16 KiB."""
        if len(line) > _LONGEST_LINE:
            return None
        found = self._search(line)
        if found is None:
            return None
        groups = found.groupdict()
        value, step = groups["value"], groups.get("step")
        text = (value or "").strip().rstrip(",;")
        digits = (step or "").strip()
        return Found(text or None, int(digits) if digits.isdecimal() else None)

    def _search(self, line: str) -> regex.Match[str] | None:
        try:
            return self._pattern.search(line, timeout=_LINE_S)
        except TimeoutError:
            raise _too_slow(self._text, line) from None


@lru_cache(maxsize=16)
def _compiled(text: str) -> regex.Pattern[str]:
    try:
        re.compile(text)  # users know what it says of a mistake
    except re.error as error:
        where = "" if error.pos is None else f" at character {error.pos + 1}"
        raise PlanError(
            f"--metric-regex '{text}' is no regular expression: {error.msg}{where}"
        ) from None
    except (RecursionError, OverflowError):
        raise PlanError("--metric-regex nests too deep or repeats too often") from None
    try:
        pattern = regex.compile(text)
    except regex.error as error:
        raise PlanError(f"--metric-regex '{text}' is no regular expression: {error}") from None
    except (RecursionError, OverflowError, MemoryError):
        raise PlanError("--metric-regex nests too deep or repeats too often") from None
    if "value" not in pattern.groupindex:
        raise PlanError(
            f"--metric-regex '{text}' has no group called value, which is to hold the number",
            hint=r"--metric-regex 'val_loss: (?P<value>\S+)'",
        )
    if unknown := sorted(set(pattern.groupindex) - {"value", "step"}):
        raise PlanError(
            f"--metric-regex '{text}' has a group called {unknown[0]}; only value and step are read"
        )
    for line in _trial_lines(text):
        try:
            pattern.search(line, timeout=_LINE_S)
        except TimeoutError:
            raise _too_slow(text, line) from None
    return pattern


def _trial_lines(text: str) -> list[str]:
    """Long lines of what the pattern speaks of, that end unlike it."""
    literals = sorted(set(re.findall(r"[A-Za-z0-9 =:,.;!-]", re.sub(r"\\.|\?P<\w+>", "", text))))
    # All of them stand in front too, so that the engine cannot tell at once that one is missing.
    front = "".join(literals)
    return [f"{front}{char * _TRIAL_LINE}\x00" for char in sorted({*literals[:40], "a", "0", " "})]


def _too_slow(text: str, line: str) -> PlanError:
    shown = line[:40].replace("\x00", "")
    return PlanError(
        f"--metric-regex '{text}' takes longer than {_LINE_S:g} s on a line of {len(line)} "
        f"characters, '{shown}…': it tries too many ways to match",
        hint="let no two repetitions match the same text: (a+)+ is a+, and .*.* is .*",
    )
