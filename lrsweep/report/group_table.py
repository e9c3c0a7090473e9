"""The best learning rate of each kind of training and batch size, as a table."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from lrsweep.analysis.groups import RateGroup, is_rounded
from lrsweep.analysis.landscape import Landscape
from lrsweep.analysis.wording import counted, number, plain

_MOST = 12


def group_title(land: Landscape) -> str:
    """ "Best lr by optimizer and batch_size"."""
    names = [name for name, _ in land.groups[0].key]
    rounded = [name for name in names if is_rounded(land.rows.trials, name)]
    note = f" ({rounded[0]} to the nearest power of 2)" if rounded else ""
    return f"Best {land.axes[0].name} by {' and '.join(names)}{note}"


def group_table(land: Landscape) -> Table:
    """A line for each group of `land` (at least one); the group of the best trial stands out."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for name, _ in land.groups[0].key:
        table.add_column(Text(name))
    rate, value = land.axes[0].name, land.rows.metric
    for heading in (rate, value, "within 5 %", "diverged from", "completed"):
        table.add_column(Text(heading), justify="right")
    shown = land.groups[:_MOST]
    for group in shown:
        best = group.best is not None and group.best is land.best
        cells = [plain(value) for _, value in group.key] + _cells(group)
        table.add_row(*map(Text, cells), style="bold green" if best else "")
    if len(shown) < len(land.groups):
        table.caption = f"and {counted(len(land.groups) - len(shown), 'more group')}"
    return table


def _cells(group: RateGroup) -> list[str]:
    found, span, diverges = ("-", "-"), "-", "-"
    if group.rate is not None and group.best is not None and group.best.value is not None:
        found = (number(group.rate, 3), number(group.best.value))
    if group.close > 1 and group.low is not None and group.high is not None:
        span = f"{number(group.low, 3)} … {number(group.high, 3)}"
    if group.diverges_from is not None:
        diverges = number(group.diverges_from, 3)
    return [*found, span, diverges, f"{group.completed} of {group.trials}"]
