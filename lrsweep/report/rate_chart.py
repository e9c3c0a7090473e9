"""The objective against the learning rate, one shape for each kind of training."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lrsweep.analysis.groups import rate_of
from lrsweep.analysis.landscape import Landscape
from lrsweep.analysis.rates import RateAxis
from lrsweep.analysis.wording import counted, number
from lrsweep.report.chart import Chart, Series, Shape
from lrsweep.report.scale import Scale
from lrsweep.trial import Direction, Outcome, TrialRow

_SHAPES = (
    Shape("●", "o", "cyan"),
    Shape("▲", "^", "yellow"),
    Shape("■", "#", "magenta"),
    Shape("◆", "%", "blue"),
    Shape("○", "0", "cyan"),
    Shape("△", "A", "yellow"),
    Shape("□", "=", "magenta"),
    Shape("◇", "&", "blue"),
)
_PRUNED = Shape("·", ".", "dim")
_OFF_SCALE = Shape("!", "!", "yellow")
_DIVERGED = Shape("×", "x", "bold red")
_BEST = Shape("★", "@", "bold green")

# A log axis helps from this ratio on. The worst values are left off the scale where they are at
# most a quarter and stretch it to three times what the others need.
_LOG_FROM = 20.0
_STRETCH = 3.0
_MOST_OFF = 0.25


@dataclass(frozen=True, slots=True)
class _ValueScale:
    """The y axis, and the value beyond which a point is drawn on the `edge` (±inf)."""

    scale: Scale
    limit: float
    edge: float

    def place(self, trial: TrialRow) -> float:
        if trial.value is None or not math.isfinite(trial.value):
            return self.edge
        beyond = trial.value > self.limit if self.edge > 0 else trial.value < self.limit
        return self.edge if beyond else trial.value


def rate_charts(land: Landscape) -> Iterator[Chart]:
    """A chart for each learning rate that was searched and has values."""
    for name in dict.fromkeys(axis.name for axis in land.axes):
        if (chart := rate_chart(land, name)) is not None:
            yield chart


def rate_chart(land: Landscape, name: str) -> Chart | None:
    """The plot over the learning rate `name`; None where no trial has both a rate and a value.

    Diverged trials stand on the edge of the worse values and never stretch the scale; neither do
    the few values that lie far beyond the rest, which are counted in a note.
    """
    axes = [axis for axis in land.axes if axis.name == name]
    placed = [(r, t) for t in land.rows.trials if (r := rate_of(axes, t.params)) is not None]
    shown = [(r, t) for r, t in placed if _is_finite(t) or t.outcome is Outcome.DIVERGED]
    values = [t.value for _, t in shown if t.value is not None and _is_finite(t)]
    if not values:
        return None
    y = _value_scale(values, land.rows.direction)
    off = sum(_is_finite(t) and math.isinf(y.place(t)) for _, t in shown)
    side = "above" if y.edge > 0 else "below"
    return Chart(
        title=f"{land.rows.metric} against {name}",
        x=_rate_scale(axes, [rate for rate, _ in placed]),
        y=y.scale,
        x_label=name,
        series=_series(land, shown, y),
        notes=[f"{counted(off, 'trial')} {side} {number(y.limit, 3)} off the scale"] if off else [],
    )


def _series(
    land: Landscape, shown: Sequence[tuple[float, TrialRow]], y: _ValueScale
) -> list[Series]:
    """In the order they are drawn: what matters more lies on top."""
    by = land.kind
    names = sorted({str(t.params.get(by)) for _, t in shown}) if by else ["completed"]
    shapes = {name: _SHAPES[i % len(_SHAPES)] for i, name in enumerate(names)}
    found = {"pruned": Series("pruned, value when stopped", _PRUNED, [])}
    found |= {name: Series(name, shape, []) for name, shape in shapes.items()}
    found["off"] = Series("off the scale", _OFF_SCALE, [])
    found["diverged"] = Series("diverged", _DIVERGED, [])
    found["best"] = Series("best", _BEST, [])
    points: dict[str, list[tuple[float, float]]] = {key: [] for key in found}
    for rate, trial in shown:
        at = y.place(trial)
        if trial is land.best:
            key = "best"
        elif trial.outcome is Outcome.DIVERGED:
            key = "diverged"
        elif math.isinf(at):
            key = "off"
        elif trial.outcome is Outcome.PRUNED:
            key = "pruned"
        else:
            key = str(trial.params.get(by)) if by else "completed"
        points[key].append((rate, at))
    return [Series(s.label, s.shape, points[key]) for key, s in found.items()]


def _value_scale(values: Sequence[float], direction: Direction) -> _ValueScale:
    edge = direction.worst
    ordered = sorted(values, key=direction.sort_key)
    kept = ordered[: _count_on_scale(_spread(ordered))]
    log = min(kept) > 0 and max(kept) >= _LOG_FROM * min(kept)
    return _ValueScale(Scale.around(kept, log), limit=kept[-1], edge=edge)


def _spread(ordered: Sequence[float]) -> list[float]:
    """Distances from the best value, in decades where values span as much."""
    low, high = min(ordered), max(ordered)
    if low > 0 and high >= _LOG_FROM * low:
        return [abs(math.log10(value / ordered[0])) for value in ordered]
    return [abs(value - ordered[0]) for value in ordered]


def _count_on_scale(distances: Sequence[float]) -> int:
    fewest = max(3, math.ceil((1 - _MOST_OFF) * len(distances)))
    for count in range(len(distances) - 1, fewest - 1, -1):
        if 0 < distances[count - 1] * _STRETCH <= distances[-1]:
            return count
    return len(distances)


def _rate_scale(axes: Sequence[RateAxis], rates: Sequence[float]) -> Scale:
    """The whole range that was searched, so that an edge of the space is seen as one."""
    ends = [end for axis in axes for end in (axis.low, axis.high)]
    log = any(axis.log for axis in axes) and min(ends + list(rates)) > 0
    return Scale.around([*ends, *rates], log)


def _is_finite(trial: TrialRow) -> bool:
    ended = trial.outcome in (Outcome.COMPLETED, Outcome.PRUNED)
    return ended and trial.value is not None and math.isfinite(trial.value)
