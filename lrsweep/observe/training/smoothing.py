"""A running mean of the loss, and when it has exploded."""

from __future__ import annotations

import math

# The loss of single batches is noisy; about the last ten count.
_MEMORY = 0.9
# The untrained loss is the mean of this many.
_FIRST = 5
# Exploded: this share of what was gained is lost again, and more than noise and a change of scale
# explain (standard deviations of the running mean; share of the untrained loss).
_LOST, _NOISES, _OF_INITIAL = 0.8, 10.0, 0.3
# Of so few losses neither the best nor the noise is known yet, and nothing less than this multiple
# of the untrained loss is an explosion.
_KNOWN, _EARLY = 20, 3.0
# One loss counts at most as so many times the running mean: the losses of single batches have heavy
# tails, and a training that explodes passes this again and again.
_SPIKE = 3.0
# So many losses in a row beyond this multiple of the untrained loss are no tail.
_FAR, _IN_ROW = 10.0, 3
# Of normal noise: its standard deviation over the mean |difference| of neighbours, and that of the
# running mean over it.
_BY_DIFFERENCES, _OF_MEAN = 0.886, math.sqrt((1 - _MEMORY) / (1 + _MEMORY))


class Smoothed:
    """A running mean of the losses that forgets exponentially, and is unbiased from the start.

    `initial` is the loss at the start, `noise` the standard deviation of the running mean.
    """

    def __init__(self) -> None:
        self.best = math.inf
        self.value = math.nan
        self.initial = math.nan
        self._sum = 0.0
        self._weight = 0.0
        self._seen = 0
        self._first = 0.0
        self._changes = 0.0
        self._last = math.nan
        self._far = 0

    def add(self, loss: float) -> float:
        far = self.initial > 0 and loss > _FAR * self.initial
        self._far = self._far + 1 if far else 0
        if self.value > 0 and loss > _SPIKE * self.value and math.isfinite(loss):
            loss = _SPIKE * self.value
        self._sum = _MEMORY * self._sum + (1 - _MEMORY) * loss
        self._weight = _MEMORY * self._weight + (1 - _MEMORY)
        self.value = self._sum / self._weight
        self._seen += 1
        # The first running means are those of a few batches, and may be low by chance.
        self.best = self.value if self._seen <= _FIRST else min(self.best, self.value)
        if self._seen <= _FIRST:
            self._first += loss
            self.initial = self._first / self._seen
        if self._seen > 1 and math.isfinite(loss) and not self._is_lost():
            self._changes += abs(loss - self._last)
        self._last = loss
        return self.value

    @property
    def noise(self) -> float:
        if self._seen < 2:
            return 0.0
        return _OF_MEAN * _BY_DIFFERENCES * self._changes / (self._seen - 1)

    @property
    def exploded(self) -> bool:
        """Whether the loss is not finite, or most of what it gained is lost again."""
        return not math.isfinite(self.value) or self._is_lost()

    def _is_lost(self) -> bool:
        if self._far >= _IN_ROW:
            return True
        gain = self.initial - self.best
        reach = max(_LOST * gain, _NOISES * self.noise, _OF_INITIAL * abs(self.initial))
        if self._seen < _KNOWN:
            reach = max(reach, _EARLY * abs(self.initial))
        return self.value - self.best > reach
