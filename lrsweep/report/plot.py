"""Charts drawn with characters, with ticks and a legend; in ASCII where a terminal has no more."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from lrsweep.report.chart import Chart, Shape
from lrsweep.report.scale import spelled

_WIDEST = 110
_SHADES = {
    "band": Shape("━", "=", "bold green"),
    "edge": Shape("╳", "x", "red"),
}
# The dots of a braille cell, by column and row, as bits of its code point.
_BRAILLE = 0x2800
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))


@dataclass(frozen=True, slots=True)
class Plot:
    """`chart` as wide as it is given space."""

    chart: Chart

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text(self.chart.title, style="bold")
        yield from self._drawing(min(options.max_width, _WIDEST), options.ascii_only)
        if legend := self._legend(options.ascii_only):
            yield legend
        for note in self.chart.notes:
            yield Text(f"  {note}", style="dim")

    def _drawing(self, width: int, ascii_only: bool) -> Iterator[Text]:
        ticks = self.chart.y.ticks(self.chart.height // 2)
        labels = {self._row(tick): text for tick, text in zip(ticks, spelled(ticks), strict=True)}
        margin = max([2, *map(len, labels.values())]) + 2
        columns = max(10, width - margin - 3)
        cells = self._cells(columns, ascii_only)
        above, below = self._beyond()
        wall, tooth = ("|", "+") if ascii_only else ("│", "┤")
        blank = Text(" ")
        for row in range(-above, self.chart.height + below):
            edge = tooth if row in labels else wall
            start = (f"{labels.get(row, ''):>{margin}} {edge}", "dim")
            line = Text.assemble(start, *(cells.get((c, row), blank) for c in range(columns)))
            line.rstrip()
            yield line
        yield from self._x_axis(margin, columns, ascii_only)

    def _cells(self, columns: int, ascii_only: bool) -> dict[tuple[int, int], Text]:
        cells = dict(self._line_cells(columns, ascii_only))
        for series in self.chart.series:
            mark = _mark(series.shape, ascii_only)
            for x, y in series.points:
                cells[round(self.chart.x.at(x) * (columns - 1)), self._row(y)] = mark
        return cells

    def _row(self, y: float) -> int:
        if math.isinf(y):
            return -1 if y > 0 else self.chart.height
        return round((1 - self.chart.y.at(y)) * (self.chart.height - 1))

    def _beyond(self) -> tuple[int, int]:
        ys = {y for series in self.chart.series for _, y in series.points if math.isinf(y)}
        return int(math.inf in ys), int(-math.inf in ys)

    def _line_cells(self, columns: int, ascii_only: bool) -> Iterator[tuple[tuple[int, int], Text]]:
        fine_x, fine_y = (1, 1) if ascii_only else (2, 4)
        wide, high = columns * fine_x - 1, self.chart.height * fine_y - 1
        dots: dict[tuple[int, int], int] = {}
        for x, y in _joined(
            [(self.chart.x.at(x) * wide, self._fine(y, high)) for x, y in self.chart.line]
        ):
            cell = (x // fine_x, y // fine_y)
            dots[cell] = dots.get(cell, 0) | _DOTS[x % fine_x][y % fine_y]
        for cell, bits in dots.items():
            yield cell, Text("*" if ascii_only else chr(_BRAILLE | bits), style="cyan")

    def _fine(self, y: float, high: int) -> float:
        return math.nan if math.isnan(y) else (1 - self.chart.y.at(y)) * high

    def _x_axis(self, margin: int, columns: int, ascii_only: bool) -> Iterator[Text]:
        corner, bar, tooth = ("+", "-", "+") if ascii_only else ("└", "─", "┬")
        axis, labels = [Text(bar, "dim")] * columns, ""
        for shade in self.chart.shades:
            mark = _mark(_SHADES[shade.kind], ascii_only)
            ends = (round(self.chart.x.at(x) * (columns - 1)) for x in (shade.low, shade.high))
            first, last = ends
            axis[first : last + 1] = [mark] * (last + 1 - first)
        ticks = self.chart.x.ticks(columns // 10)
        for tick, text in zip(ticks, spelled(ticks), strict=True):
            column = round(self.chart.x.at(tick) * (columns - 1))
            axis[column] = Text(tooth, axis[column].style)
            # Centred on the tick, the last one as far as the line goes.
            start = min(margin + 2 + column - len(text) // 2, margin + 3 + columns - len(text))
            if start > len(labels):
                labels = labels.ljust(start) + text
        yield Text.assemble((" " * (margin + 1) + corner, "dim"), *axis)
        yield Text(labels, style="dim")
        yield Text(" " * (margin + 2) + self.chart.x_label.center(columns).rstrip(), style="dim")

    def _legend(self, ascii_only: bool) -> Text | None:
        shown = [series for series in self.chart.series if series.label and series.points]
        if not shown and not self.chart.shades:
            return None
        legend = Text("  ")
        for series in shown:
            legend.append_text(_mark(series.shape, ascii_only)).append(f" {series.label}   ")
        for shade in self.chart.shades:
            legend.append_text(_mark(_SHADES[shade.kind], ascii_only)).append(f" {shade.label}   ")
        legend.rstrip()
        return legend


def _mark(shape: Shape, ascii_only: bool) -> Text:
    return Text(shape.ascii if ascii_only else shape.glyph, shape.style)


def _joined(points: Sequence[tuple[float, float]]) -> Iterator[tuple[int, int]]:
    """Whole dots on the straight lines between successive points; NaN breaks the line."""
    for index, (x1, y1) in enumerate(points):
        x0, y0 = points[index - 1] if index else (x1, y1)
        if math.isnan(y1):
            continue
        if math.isnan(y0):
            x0, y0 = x1, y1
        count = max(1, math.ceil(max(abs(x1 - x0), abs(y1 - y0))))
        for step in range(count + 1):
            share = step / count
            yield round(x0 + share * (x1 - x0)), round(y0 + share * (y1 - y0))
