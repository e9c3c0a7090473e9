"""The grid: every point of a space that no trial has visited.

Ours rather than Optuna's, whose grid ends a study by `Study.stop` (an error under ask and tell),
counts failed trials as visited and knows no conditions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from lrsweep.search.ceiling import BatchSizeCeiling
from lrsweep.search.finite import point_key
from lrsweep.search.proposer import Done, Proposal
from lrsweep.space import Space
from lrsweep.trial import Ending, Params, ParamValue, Slot

_GOLDEN = (math.sqrt(5) - 1) / 2
# A larger grid is walked in order: it is not held in memory.
_MOST_SPREAD = 100_000


class Grid:
    """Proposes the points of the grid of `space` that are not in `visited`, in order.

    Where `trials` are fewer than its points, they come in an order whose beginning is spread over
    the whole grid. Points that are not `allowed` are left out. One that does not fit into the
    memory of one kind of device stays for others.
    """

    def __init__(
        self,
        space: Space,
        visited: Iterable[Mapping[str, ParamValue]] = (),
        ceiling: BatchSizeCeiling | None = None,
        allowed: Callable[[Params], bool] = lambda _params: True,
        *,
        trials: int | None = None,
    ) -> None:
        points = unvisited(space, visited)
        if trials is not None and trials < space.grid_size() <= _MOST_SPREAD:
            points = spread(list(points))
        self._points = (point for point in points if allowed(point))
        self._ceiling = ceiling or BatchSizeCeiling(space)
        self._passed_over: list[dict[str, ParamValue]] = []

    def propose(self, slot: Slot) -> Proposal | Done:
        """The next point that fits on the slot's kind of device."""
        for index, point in enumerate(self._passed_over):
            if self._ceiling.allows(point, slot.kind):
                return Proposal(self._passed_over.pop(index), "grid")
        for point in self._points:
            if self._ceiling.allows(point, slot.kind):
                return Proposal(point, "grid")
            self._passed_over.append(point)
        return Done()

    def told(self, ending: Ending) -> None:
        """The grid follows from the space alone."""


class GivenPoints:
    """Proposes `points`, which name every parameter, in order; none of `visited` again."""

    def __init__(self, points: Iterable[Params], visited: Iterable[Params]) -> None:
        seen = {point_key(params) for params in visited}
        self._points = [p for p in points if point_key(p) not in seen]

    def propose(self, slot: Slot) -> Proposal | Done:
        """The next of the points."""
        if not self._points:
            return Done("the first points have been tried")
        return Proposal(self._points.pop(0), "the first points")

    def told(self, ending: Ending) -> None:
        """The points stand."""


def spread(points: Sequence[dict[str, ParamValue]]) -> Iterator[dict[str, ParamValue]]:
    """`points` in an order in which any first few are spread evenly over all.

    Steps of about the golden section of their number, which visit each point once.
    """
    count = len(points)
    step = max(1, round(count * _GOLDEN))
    while math.gcd(step, count) > 1:
        step += 1
    return (points[index * step % count] for index in range(count))


def unvisited(
    space: Space, visited: Iterable[Mapping[str, ParamValue]]
) -> Iterator[dict[str, ParamValue]]:
    """Points of the grid of `space` that are not in `visited`, in the order of the grid."""
    seen = {point_key(params) for params in visited}
    return (point for point in space.grid() if point_key(point) not in seen)
