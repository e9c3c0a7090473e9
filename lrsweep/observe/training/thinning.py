"""Which steps become points: all at first, and ever fewer, so that their number stays bounded."""

from __future__ import annotations

_A_STRIDE = 32
# However long the steps take, a point is written this often: seconds, and the share of the time
# that has passed, so that a year has no more than a thousand points.
_EVERY_S = 0.5
_SHARE = 1 / 64


class Thinning:
    """Every step, then every second, every fourth; the stride doubles after 32 points of one."""

    def __init__(self) -> None:
        self.stride = 1
        self._points = 0
        self._due_step = 1
        self._due_s = 0.0

    def due(self, step: int, elapsed_s: float) -> bool:
        """Whether `step` (from 1) becomes a point, so long after the beginning."""
        return step >= self._due_step or elapsed_s >= self._due_s

    def took(self, step: int, elapsed_s: float) -> None:
        """`step` became a point."""
        if step >= self._due_step:
            self._points += 1
            if self._points == _A_STRIDE:
                self._points, self.stride = 0, 2 * self.stride
            self._due_step = step + self.stride
        self._due_s = elapsed_s + max(_EVERY_S, elapsed_s * _SHARE)
