"""A study in the terminal: what was searched, what came out, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lrsweep.analysis.diagnosis import NO_DIAGNOSES, Diagnoses
from lrsweep.analysis.landscape import Landscape
from lrsweep.analysis.statements import Statement, statements
from lrsweep.report import copy_lines
from lrsweep.report.axes import landscape
from lrsweep.report.columns import BEST_FIRST, select
from lrsweep.report.group_table import group_table, group_title
from lrsweep.report.rate_plot import rate_plot
from lrsweep.report.sections import print_command, print_section
from lrsweep.report.summary import result, space_table, summary
from lrsweep.report.trial_table import TrialTable
from lrsweep.trial import StudyRows


def render_study(
    rows: StudyRows, *, top: int, sort: str, console: Console, diagnoses: Diagnoses = NO_DIAGNOSES
) -> None:
    """The whole report, with the first `top` trials in the order of `sort`.

    `diagnoses` are those of the loss curves of these trials and of the best. `sort` is as in
    `lrsweep.report.columns.select`; raises `InputError` where it names no column.
    """
    trials = select(rows, sort=sort, top=top)
    print_section(console, None, summary(rows))
    if rows.space:
        print_section(console, "Space", space_table(rows.space))
    if trials:
        title = "Best trials" if sort == BEST_FIRST else f"Trials by {sort}"
        count = f" ({len(trials)} of {len(rows.trials)})" if len(trials) < len(rows.trials) else ""
        print_section(console, title + count, TrialTable(rows, trials, diagnoses))
    land = landscape(rows, diagnoses)
    if len(land.groups) > 1:
        print_section(console, group_title(land), group_table(land))
    _print_findings(land, console)
    _print_commands(land, console, whole=True)


def render_end(rows: StudyRows, console: Console, diagnoses: Diagnoses = NO_DIAGNOSES) -> None:
    """The end of a run: the best trial, the plot, what the data supports, and lines to copy.

    `diagnoses` has that of the best trial's loss curve, where it is known.
    """
    print_section(console, None, result(rows, diagnoses))
    land = landscape(rows, diagnoses)
    _print_findings(land, console)
    _print_commands(land, console, whole=False)


def _print_findings(land: Landscape, console: Console) -> None:
    for name in dict.fromkeys(axis.name for axis in land.axes):
        if (plot := rate_plot(land, name)) is not None:
            print_section(console, None, plot)
    if found := statements(land):
        print_section(console, "What the data supports", _bullets(found))


def _bullets(found: Sequence[Statement]) -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for statement in found:
        text = Text(statement.sentence)
        if statement.copy:
            text.append(f"\n{statement.copy}", style="bold cyan")
        grid.add_row("-", text)
    return grid


def _print_commands(land: Landscape, console: Console, *, whole: bool) -> None:
    rows, best = land.rows, land.best
    if (command := copy_lines.best_command(land)) is not None and best is not None:
        print_command(console, f"Best command (trial {best.number})", command)
    if best is not None:
        print_command(console, "That trial whole", copy_lines.show_command(rows, best.number))
    failed = next((t for t in rows.trials if t.outcome is not None and t.outcome.failed), None)
    if failed is not None:
        line = copy_lines.logs_command(rows, failed.number, "--stderr")
        print_command(console, f"What went wrong in trial {failed.number}", line)
    if (probe := copy_lines.probe_command(rows)) is not None:
        print_command(console, f"No {rows.metric} was seen: which metrics there are", probe)
    if not whole:
        print_command(console, "The whole report", copy_lines.report_command(rows))
    if (again := copy_lines.sweep_command(rows)) is not None:
        print_command(console, "Go on with this sweep (raise --trials for more)", again)
