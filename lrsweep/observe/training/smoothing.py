"""A running mean of the loss, and when it has exploded."""

from __future__ import annotations

import math

# The loss of single batches is noisy; about the last ten count.
_MEMORY = 0.9
_EXPLODED = 4.0


class Smoothed:
    """A running mean of the losses that forgets exponentially, and is unbiased from the start."""

    def __init__(self) -> None:
        self.best = math.inf
        self.value = math.nan
        self._sum = 0.0
        self._weight = 0.0

    def add(self, loss: float) -> float:
        self._sum = _MEMORY * self._sum + (1 - _MEMORY) * loss
        self._weight = _MEMORY * self._weight + (1 - _MEMORY)
        self.value = self._sum / self._weight
        self.best = min(self.best, self.value)
        return self.value

    @property
    def exploded(self) -> bool:
        """Whether the loss is not finite, or four times its best."""
        return not self.value <= _EXPLODED * self.best or not math.isfinite(self.value)
