"""Charts as pictures: PNG and SVG, drawn by matplotlib where it is installed."""

from __future__ import annotations

import importlib.util
import io
import math
from collections.abc import Sequence

from lrsweep.errors import InputError
from lrsweep.report.chart import Chart

_MARKERS = {
    "●": ("o", "C0"),
    "▲": ("^", "C1"),
    "■": ("s", "C4"),
    "◆": ("D", "C5"),
    "○": ("o", "C0"),
    "△": ("^", "C1"),
    "□": ("s", "C4"),
    "◇": ("D", "C5"),
    "·": (".", "0.6"),
    "!": ("1", "C1"),
    "×": ("x", "C3"),
    "★": ("*", "C2"),
}
_WIDTH, _HEIGHT = 7.0, 4.0


def draw(charts: Sequence[Chart], form: str) -> bytes:
    """`charts` one below the other as "png" or "svg".

    Raises `InputError` where matplotlib is not installed, or there is nothing to draw.
    """
    if importlib.util.find_spec("matplotlib") is None:
        raise InputError(f"{form.upper()} needs matplotlib", hint="pip install 'lrsweep[plots]'")
    if not charts:
        raise InputError("there is nothing to draw yet: no trial has a learning rate and a value")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH, _HEIGHT * len(charts)), layout="constrained")
    for axes, chart in zip(figure.subplots(len(charts), squeeze=False)[:, 0], charts, strict=True):
        _draw(axes, chart)
    file = io.BytesIO()
    figure.savefig(file, format=form, dpi=150, metadata={"Date": None} if form == "svg" else None)
    return file.getvalue()


def _draw(axes: object, chart: Chart) -> None:
    from matplotlib.axes import Axes

    assert isinstance(axes, Axes)
    axes.set_title(_plain(chart.title), fontsize=10)
    axes.set_xscale("log" if chart.x.log else "linear")
    axes.set_yscale("log" if chart.y.log else "linear")
    low, high = _margins(chart)
    axes.set_ylim(low, high)
    axes.set_xlim(chart.x.low, chart.x.high)
    for shade in chart.shades:
        colour = "C2" if shade.kind == "band" else "C3"
        axes.axvspan(shade.low, shade.high, color=colour, alpha=0.12, label=_plain(shade.label))
    if chart.line:
        axes.plot(*zip(*chart.line, strict=True), color="C0")
    for series in chart.series:
        if series.points:
            marker, colour = _MARKERS.get(series.shape.glyph, ("o", "C0"))
            xs = [x for x, _ in series.points]
            ys = [y if math.isfinite(y) else (high if y > 0 else low) for _, y in series.points]
            axes.plot(
                xs,
                ys,
                linestyle="",
                marker=marker,
                color=colour,
                markersize=10 if marker == "*" else 5,
                clip_on=False,
                label=_plain(series.label),
            )
    axes.set_xlabel(_plain(chart.x_label))
    axes.set_ylabel(_plain(chart.y_label))
    axes.grid(alpha=0.3)
    axes.legend(fontsize=7, loc="best")


def _margins(chart: Chart) -> tuple[float, float]:
    low, high = chart.y.low, chart.y.high
    if chart.y.log:
        space = (high / low) ** 0.05
        return low / space, high * space
    return low - 0.05 * (high - low), high + 0.05 * (high - low)


def _plain(text: str) -> str:
    """`text` of which matplotlib takes nothing for mathematics, and that a legend shows."""
    return text.replace("$", r"\\$").lstrip("_") or text
