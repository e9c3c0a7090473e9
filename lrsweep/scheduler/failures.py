"""When to give up: trials fail the same way before any came to a result, or too many fail."""

from __future__ import annotations

import re
from collections import Counter

from lrsweep.scheduler.limits import Limits
from lrsweep.trial import Ending, Outcome

_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?", re.IGNORECASE)


class Failures:
    """Counts the failures of one run."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._alike: Counter[str] = Counter()
        self._failed = 0
        self._results = False

    def add(self, ending: Ending, *, again: bool) -> str | None:
        """Take in how an attempt ended; why to give up, in one line, or None."""
        if ending.outcome.informs:
            self._results = True
        if not again and ending.outcome.failed:
            self._failed += 1
        most = self._limits.max_failed
        if most is not None and self._failed > most:
            trials = "trial" if self._failed == 1 else "trials"
            return f"{self._failed} {trials} failed, above --max-failed {most}"
        if ending.outcome is not Outcome.CRASHED or self._results:
            return None
        # Paths and messages carry the trial's number or its parameters: numbers do not tell apart.
        alike = _NUMBER.sub("0", ending.reason)
        self._alike[alike] += 1
        if self._alike[alike] < self._limits.same_failures:
            return None
        return f"{self._alike[alike]} trials failed the same way: {ending.reason}"
