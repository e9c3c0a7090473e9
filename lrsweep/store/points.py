"""Reported numbers as curves: in order of arrival, later attempts in the place of earlier ones."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from lrsweep.store import tables

_c = tables.points.c
# The columns that `continued` reads.
POINT = (_c.number, _c.attempt, _c.name, _c.place, _c.step, _c.value)


@dataclass(frozen=True, slots=True)
class Point:
    """One number of one report; `report` is its attempt and its place there."""

    report: tuple[int, int]
    step: int
    value: float


def continued(rows: Iterable[Any]) -> dict[str, list[Point]]:
    """The curves of one trial by name, from rows of `POINT` by attempt and place.

    What earlier attempts said of the step at which an attempt begins, and of later ones, is void.
    """
    curves: dict[str, list[Point]] = {}
    for attempt, of_attempt in groupby(rows, key=itemgetter(1)):
        first = True
        for _number, _attempt, name, place, step, value in of_attempt:
            if first and curves:
                curves = {m: [p for p in c if p.step < step] for m, c in curves.items()}
            first = False
            point = Point((attempt, place), step, math.nan if value is None else value)
            curves.setdefault(name, []).append(point)
    return {name: points for name, points in curves.items() if points}
