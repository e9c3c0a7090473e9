"""A chart before it is drawn: marks and a line on two scales, and what is shaded.

Every mark has a shape of its own, so that a chart reads without colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lrsweep.report.scale import Scale


@dataclass(frozen=True, slots=True)
class Shape:
    """How a mark looks: one character, its ASCII stand-in, and a rich style."""

    glyph: str
    ascii: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """Points of one shape. A y of ±inf is drawn off the scale, on a line of its own at that end.

    `trials` are the numbers of the trials at the points, where points are trials.
    """

    label: str
    shape: Shape
    points: Sequence[tuple[float, float]]
    trials: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Shade:
    """A stretch of the x axis that means something: "band" is good, "edge" is where it breaks."""

    label: str
    low: float
    high: float
    kind: Literal["band", "edge"] = "band"


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart; its drawing in characters is `height` lines high.

    Later series are drawn over earlier ones. `line` joins its points, under all marks; a y of NaN
    breaks it.
    """

    title: str
    x: Scale
    y: Scale
    x_label: str
    series: Sequence[Series] = ()
    line: Sequence[tuple[float, float]] = ()
    notes: Sequence[str] = ()
    height: int = 14
    shades: Sequence[Shade] = ()
    y_label: str = ""
