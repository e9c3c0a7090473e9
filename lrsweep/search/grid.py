"""The grid: every point of a space that no trial has visited.

Ours rather than Optuna's, whose grid ends a study by `Study.stop` (an error under ask and tell),
counts failed trials as visited and knows no conditions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from lrsweep.search.ceiling import BatchSizeCeiling
from lrsweep.search.proposer import Done, Proposal
from lrsweep.space import Space
from lrsweep.trial import Ending, ParamValue, Slot


class Grid:
    """Proposes the points of the grid of `space` that are not in `visited`, in order.

    A point that does not fit into the memory of one kind of device stays for others.
    """

    def __init__(
        self,
        space: Space,
        visited: Iterable[Mapping[str, ParamValue]] = (),
        ceiling: BatchSizeCeiling | None = None,
    ) -> None:
        self._points = unvisited(space, visited)
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
        return Done("every point of the grid has been tried")

    def told(self, ending: Ending) -> None:
        """The grid follows from the space alone."""


def unvisited(
    space: Space, visited: Iterable[Mapping[str, ParamValue]]
) -> Iterator[dict[str, ParamValue]]:
    """Points of the grid of `space` that are not in `visited`, in the order of the grid."""
    seen = {_key(params) for params in visited}
    return (point for point in space.grid() if _key(point) not in seen)


def _key(params: Mapping[str, ParamValue]) -> frozenset[tuple[str, str, ParamValue]]:
    # True == 1 == 1.0 in Python; the type keeps a boolean choice apart from a number.
    return frozenset((name, type(value).__name__, value) for name, value in params.items())
