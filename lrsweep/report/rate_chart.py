"""The objective against the learning rate: a panel a batch size, a shape a kind of training."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lrsweep.analysis.diagnosis import NO_DIAGNOSES, Diagnoses
from lrsweep.analysis.gain import Gain
from lrsweep.analysis.groups import is_rounded, power_of_two, rate_of
from lrsweep.analysis.labels import Label
from lrsweep.analysis.landscape import Landscape
from lrsweep.analysis.rates import RateAxis
from lrsweep.analysis.wording import counted, number, plain
from lrsweep.report.chart import Chart, Series, Shade, Shape
from lrsweep.report.intervals import group_interval, interval_of
from lrsweep.report.scale import Scale
from lrsweep.terms import printable
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
_VALUE_LOG_FROM = 5.0
# The valley: at most this share of the gain above the best, where so many trials lie in it.
_VALLEY = 0.5
_FEWEST_IN_VALLEY = 5
_MOST_OF = 0.4
# A kind with fewer completed trials says little.
_FEWEST = 3
_MOST_PANELS = 6
_HEIGHTS = (14, 10)

_Point = tuple[float, TrialRow]
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


def rate_charts(land: Landscape, diagnoses: Diagnoses = NO_DIAGNOSES) -> Iterator[Chart]:
    """The objective against each learning rate that was searched: a chart for each batch size.

    Zoomed on the valley: what lies far from the best is counted in a note and stands on the edge,
    and so do diverged trials. All charts of one rate have the same x axis.
    """
    for name in dict.fromkeys(axis.name for axis in land.axes):
        axes = [axis for axis in land.axes if axis.name == name]
        placed = [(r, t) for t in land.rows.trials if (r := rate_of(axes, t.params)) is not None]
        shown = [(r, t) for r, t in placed if _is_finite(t) or t.outcome is Outcome.DIVERGED]
        if not any(_is_finite(t) for _, t in shown):
            continue
        x = _rate_scale(axes, [rate for rate, _ in placed])
        panels = _panels(land, shown)
        for label, points in panels.items():
            yield _Panel(land, name, label, points, diagnoses).chart(x, _HEIGHTS[len(panels) > 1])


def _panels(land: Landscape, shown: Sequence[_Point]) -> dict[str, list[_Point]]:
    """The points by batch size, those with the most of them; all under "" where there is one."""
    size = land.batch_size
    if size is None:
        return {"": list(shown)}
    rounded = is_rounded(land.rows.trials, size)
    found: defaultdict[float, list[_Point]] = defaultdict(list)
    for rate, trial in shown:
        value = trial.params.get(size)
        if isinstance(value, int | float):
            found[float(power_of_two(value) or 0) if rounded else float(value)].append(
                (rate, trial)
            )
    finite = {at: points for at, points in found.items() if any(_is_finite(t) for _, t in points)}
    most = sorted(finite, key=lambda at: -len(finite[at]))[:_MOST_PANELS]
    if len(most) < 2:
        return {"": list(shown)}
    return {f"{size} {number(at)}": finite[at] for at in sorted(most)}


@dataclass(frozen=True, slots=True)
class _Panel:
    """The `points` of one chart, and what tells it from the others ("" where it is alone)."""

    land: Landscape
    rate: str
    label: str
    points: Sequence[_Point]
    diagnoses: Diagnoses

    def chart(self, x: Scale, height: int) -> Chart:
        land = self.land
        values = [t.value for _, t in self.points if t.value is not None and _is_finite(t)]
        y = _value_scale(values, land.rows.direction, land.gain)
        off = sum(_is_finite(t) and math.isinf(y.place(t)) for _, t in self.points)
        side = "above" if y.edge > 0 else "below"
        title = f"{land.rows.metric} against {self.rate}"
        note = f"{counted(off, 'trial')} {side} {number(y.limit, 3)} off the scale"
        return Chart(
            title=printable(f"{title}, {self.label}" if self.label else title),
            x=x,
            y=y.scale,
            x_label=printable(self.rate),
            y_label=printable(land.rows.metric),
            series=self._series(y),
            notes=[note] if off else [],
            shades=tuple(self._shades(x)),
            height=height,
        )

    def _series(self, y: _ValueScale) -> list[Series]:
        """In the order they are drawn: what matters more lies on top."""
        order: dict[str, Series] = {"pruned": Series("pruned, value when stopped", _PRUNED, ())}
        order |= {name: Series(label, shape, ()) for name, label, shape in self._kinds()}
        order |= {
            "off": Series("off the scale", _OFF_SCALE, ()),
            "diverged": Series("diverged", _DIVERGED, ()),
            "best": Series("best", _BEST, ()),
        }
        held: dict[str, list[tuple[float, float, int]]] = {key: [] for key in order}
        for rate, trial in self.points:
            held[self._key(trial, y)].append((rate, y.place(trial), trial.number))
        return [
            replace(s, points=[(x, v) for x, v, _ in held[key]], trials=[n for *_, n in held[key]])
            for key, s in order.items()
        ]

    def _kinds(self) -> Iterator[tuple[str, str, Shape]]:
        """Kinds of training with their marks, the same in every chart; thin ones are grey."""
        by = self.land.kind
        every = sorted({_kind(by, t) for t in self.land.rows.trials})
        for index, name in enumerate(every):
            done = sum(_is_finite(t) and _kind(by, t) == name for _, t in self.points)
            shape = _SHAPES[index % len(_SHAPES)]
            thin = done < _FEWEST and len(every) > 1
            label = f"{name} ({counted(done, 'trial')})" if thin and done else name
            yield f"kind {name}", printable(label), replace(shape, style="dim") if thin else shape

    def _key(self, trial: TrialRow, y: _ValueScale) -> str:
        if trial is self.land.best:
            return "best"
        look = self.diagnoses.get(trial.number)
        if trial.outcome is Outcome.DIVERGED or (look and look.label is Label.DIVERGED):
            return "diverged"
        if math.isinf(y.place(trial)):
            return "off"
        if trial.outcome is Outcome.PRUNED:
            return "pruned"
        return f"kind {_kind(self.land.kind, trial)}"

    def _shades(self, x: Scale) -> Iterator[Shade]:
        """The band of good rates of the best kind here, and from where trials diverge."""
        land, here = self.land, {t.number for _, t in self.points}
        groups = [g for g in land.groups if g.best is not None and g.best.number in here]
        if groups:
            order = land.rows.direction.sort_key
            best = min(groups, key=lambda g: order(g.best.value if g.best else None))
            interval = group_interval(land, best)
            kind = "".join(f", {plain(v)}" for n, v in best.key if n == land.kind)
        else:
            interval, kind = interval_of(land, land.home), ""
        if interval is not None and interval.band is not None:
            yield Shade(printable(f"within 5 % of the gain{kind}"), *interval.band)
        edge = land.divergence.all_from if land.divergence is not None else None
        if edge is not None and edge < x.high:
            yield Shade("all diverged", edge, x.high, "edge")


def _kind(by: str | None, trial: TrialRow) -> str:
    return plain(trial.params.get(by)) if by else "completed"


def _value_scale(values: Sequence[float], direction: Direction, gain: Gain | None) -> _ValueScale:
    """From the best to half of what training gained, if enough lie there, without outliers."""
    edge = direction.worst
    ordered = sorted(values, key=direction.sort_key)
    kept = ordered[: _count_on_scale(_spread(ordered))]
    if gain is not None:
        valley = [v for v in kept if abs(v - ordered[0]) <= _VALLEY * gain.full]
        if len(valley) >= max(_FEWEST_IN_VALLEY, _MOST_OF * len(ordered)):
            kept = valley
    log = min(kept) > 0 and max(kept) >= _VALUE_LOG_FROM * min(kept)
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
