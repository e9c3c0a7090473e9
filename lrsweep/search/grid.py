"""The grid: every point of a space that no trial has visited.

Ours rather than Optuna's, whose grid ends a study by `Study.stop` (an error under ask and tell),
counts failed trials as visited and knows no conditions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from lrsweep.space import Space
from lrsweep.trial import ParamValue


def unvisited(
    space: Space, visited: Iterable[Mapping[str, ParamValue]]
) -> Iterator[dict[str, ParamValue]]:
    """Points of the grid of `space` that are not in `visited`, in the order of the grid."""
    seen = {_key(params) for params in visited}
    return (point for point in space.grid() if _key(point) not in seen)


def _key(params: Mapping[str, ParamValue]) -> frozenset[tuple[str, str, ParamValue]]:
    # True == 1 == 1.0 in Python; the type keeps a boolean choice apart from a number.
    return frozenset((name, type(value).__name__, value) for name, value in params.items())
