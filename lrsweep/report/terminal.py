"""Parts of a report on a terminal: what fits, in colours; what is to be copied is never broken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from rich import table as rich_table
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from lrsweep.analysis.wording import listed
from lrsweep.report.chart import Chart
from lrsweep.report.parts import (
    Commands,
    Facts,
    Heading,
    Line,
    Log,
    Part,
    Sentence,
    Sentences,
    Table,
    Tone,
    flat,
)
from lrsweep.report.plot import Plot
from lrsweep.report.sections import print_command

STYLES = {
    Tone.PLAIN: "",
    Tone.STRONG: "bold",
    Tone.GOOD: "green",
    Tone.BAD: "red",
    Tone.WARN: "yellow",
    Tone.QUIET: "dim",
}
_GAP = 2
# The least columns for a chart that stands beside another.
_CHART = 58


def print_parts(parts: Iterable[Part], console: Console) -> None:
    """`parts` one below the other, each under its title, with an empty line between them."""
    for index, (is_chart, group) in enumerate(groupby(parts, lambda p: isinstance(p, Chart))):
        if index:
            console.print()
        if is_chart:
            _print_charts([part for part in group if isinstance(part, Chart)], console)
        else:
            _print_parts(group, console)


def _print_parts(parts: Iterable[Part], console: Console) -> None:
    for index, part in enumerate(parts):
        if index:
            console.print()
        if isinstance(part, Commands):
            for command in part.commands:
                print_command(console, command.title, command.line)
        elif not isinstance(part, Chart):
            if part.title:
                console.print(Text(part.title, style="bold"))
            _print(part, console)


def _print_charts(charts: Sequence[Chart], console: Console) -> None:
    """Charts beside each other where the terminal is wide, one below the other where it is not."""
    beside = max(1, min(len(charts), console.width // _CHART))
    if beside == 1:
        for index, chart in enumerate(charts):
            if index:
                console.print()
            console.print(Plot(chart))
        return
    grid = rich_table.Table.grid(padding=(0, _GAP, 1, 0), expand=True)
    for _ in range(beside):
        grid.add_column(ratio=1)
    for at in range(0, len(charts), beside):
        grid.add_row(*(Plot(chart) for chart in charts[at : at + beside]))
    console.print(grid)


def text_of(said: Line) -> Text:
    """A line in its colours."""
    return Text.assemble(*((piece.text, STYLES[piece.tone]) for piece in said))


def _print(part: Facts | Table | Log | Sentences, console: Console) -> None:
    if isinstance(part, Facts):
        console.print(_facts(part))
    elif isinstance(part, Table):
        console.print(_Fitted(part))
    elif isinstance(part, Log):
        for text in map(Text, part.lines):
            text.truncate(console.width, overflow="ellipsis")
            console.print(text)
    else:
        _print_sentences(part, console)


def _facts(part: Facts) -> RenderableType:
    grid = rich_table.Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, said in part.pairs:
        grid.add_row(Text(name), text_of(said))
    return grid


def _print_sentences(part: Sentences, console: Console) -> None:
    """Sentences of a list, and below each the command that it ends in, which nothing breaks."""
    width = max(len(s.lead) for s in part.sentences)
    for sentence in part.sentences:
        console.print(_bullet(sentence, width))
        if sentence.copy:
            console.print(Text(f"  {sentence.copy}", style="cyan"), soft_wrap=True)


def _bullet(sentence: Sentence, width: int) -> RenderableType:
    grid = rich_table.Table.grid(padding=(0, 2 if width else 1))
    grid.add_column(no_wrap=True, style="bold", min_width=width)
    grid.add_column(overflow="fold")
    grid.add_row(Text(sentence.lead or "-"), Text(sentence.text))
    return grid


class _Fitted:
    """A table without the columns that do not fit, which are named below it."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = self._table
        kept = _fitting(table, options.max_width)
        drawn = rich_table.Table(
            box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="dim"
        )
        for index in kept:
            heading = table.headings[index]
            drawn.add_column(
                Text(heading.name),
                justify="right" if heading.numbers else "left",
                no_wrap=True,
                max_width=max(heading.widest, cell_len(heading.name)),
            )
        for row in table.rows:
            style = "bold green" if row.tone is Tone.GOOD else STYLES[row.tone]
            drawn.add_row(*(text_of(row.cells[index]) for index in kept), style=style)
        yield drawn
        left_out = [h.name for i, h in enumerate(table.headings) if i not in kept]
        if left_out:
            yield Text(f"left out to fit: {listed(left_out)}", style="dim")
        if table.note:
            yield Text(table.note, style="dim")


def _fitting(table: Table, width: int) -> list[int]:
    """Which columns fit, in their order; the first always does."""
    order = sorted(range(len(table.headings)), key=lambda i: (table.headings[i].rank, i))
    kept: list[int] = []
    taken = -_GAP
    for index in order:
        wide = _GAP + _width(table.headings[index], [row.cells[index] for row in table.rows])
        if not kept or taken + wide <= width:
            kept.append(index)
            taken += wide
    return sorted(kept)


def _width(heading: Heading, cells: Sequence[Line]) -> int:
    widest = max((cell_len(flat(cell)) for cell in cells), default=0)
    return max(cell_len(heading.name), min(widest, heading.widest))
