"""The conditions of `--where`, checked to leave something of the space."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from lrsweep.errors import SpaceError
from lrsweep.space import Space, format_value
from lrsweep.space.drawing import draw
from lrsweep.space.where import Where
from lrsweep.trial import Params

_DRAWN = 20_000
_COMPLETED = 2_000


def constraints(texts: Sequence[str], space: Space) -> tuple[Where, ...]:
    """The conditions `texts` on points of `space`.

    Raises `SpaceError` for one that cannot be understood, and where no point meets them all.
    """
    conditions = tuple(Where.parse(text, space) for text in texts)
    random = Random(0)
    if conditions and not any(meets(draw(space, random), conditions) for _ in range(_DRAWN)):
        said = " ".join(f"--where {text!r}" for text in texts)
        raise SpaceError(
            f"{said}: nothing is left to search; none of {_DRAWN} random points of the space "
            "meets it",
            hint="widen the ranges, or loosen the condition",
        )
    return conditions


def check_first(points: Sequence[Params], conditions: Sequence[Where], space: Space) -> None:
    """Raises `SpaceError` for a point to try first that breaks a condition.

    One that leaves parameters out breaks it where no values of these are found that meet it.
    """
    random = Random(0)
    for point in points if conditions else ():
        if not any(meets({**draw(space, random), **point}, conditions) for _ in range(_COMPLETED)):
            written = ", ".join(f"{name}={format_value(v)}" for name, v in point.items())
            said = " and ".join(f"--where {condition.text!r}" for condition in conditions)
            raise SpaceError(f"the point {written} does not meet {said}")


def meets(params: Params, conditions: Sequence[Where]) -> bool:
    """Whether a point, by plain names, meets every condition."""
    return all(condition.holds(params) for condition in conditions)
