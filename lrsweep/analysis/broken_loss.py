"""When a training that was seen from inside is lost for good, long before its script evaluates."""

from __future__ import annotations

import math

# One loss that is not finite may be skipped by the script, as a GradScaler skips its step.
_NOT_FINITE = 3
# A loss this many times above where it began, for so many points, is no training any more.
_TIMES, _POINTS = 1000.0, 20
_BEGINNING = 5


class BrokenLoss:
    """Follows the training loss of one attempt, point by point."""

    def __init__(self) -> None:
        self._began: list[float] = []
        self._not_finite = 0
        self._above = 0

    def add(self, step: int, loss: float) -> str:
        """Why the training is lost, in words; empty while it is not."""
        if not math.isfinite(loss):
            self._not_finite += 1
            if self._not_finite < _NOT_FINITE:
                return ""
            return f"the training loss was {loss} at optimizer step {step}, and stays so"
        self._not_finite = 0
        if len(self._began) < _BEGINNING:
            self._began.append(abs(loss))
            return ""
        level = max(1.0, *self._began)
        self._above = self._above + 1 if loss > _TIMES * level else 0
        if self._above < _POINTS:
            return ""
        return f"the training loss was {loss:.3g} at optimizer step {step}; it began at {level:.3g}"
