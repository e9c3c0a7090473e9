"""A study as a report in GitHub's Markdown, for pull requests and notes."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from rich.console import Console

from lrsweep.analysis.diagnosis import NO_DIAGNOSES, Diagnoses
from lrsweep.analysis.statements import Statement, statements
from lrsweep.analysis.wording import duration, plain
from lrsweep.report import copy_lines
from lrsweep.report.axes import landscape
from lrsweep.report.columns import BEST_FIRST, Column, Kind, columns, select
from lrsweep.report.outcomes import outcomes_text
from lrsweep.report.plot import Plot
from lrsweep.report.rate_plot import rate_plot
from lrsweep.trial import StudyRows, TrialRow

# An underscore inside a word is no markup: `val_loss` stays as it is.
_SPECIAL = re.compile(r"([\\`*{}\[\]<>|#]|(?<!\w)_|_(?!\w))")
_PLOT_WIDTH = 90


def to_markdown(
    rows: StudyRows,
    *,
    sort: str = BEST_FIRST,
    top: int | None = None,
    diagnoses: Diagnoses = NO_DIAGNOSES,
) -> str:
    """Summary, trials, plot, findings and the best command.

    Raises `InputError` where `sort` names no column.
    """
    trials = select(rows, sort=sort, top=top)
    return "\n\n".join(_parts(rows, trials, diagnoses)) + "\n"


def _parts(rows: StudyRows, trials: Sequence[TrialRow], diagnoses: Diagnoses) -> Iterator[str]:
    land = landscape(rows, diagnoses)
    yield f"# {_escaped(rows.name)}"
    space = ", ".join(f"`{text}`" for text in rows.space)
    yield (
        f"- objective: {_escaped(rows.metric)}, {rows.direction}\n"
        f"- trials: {_escaped(outcomes_text(rows).plain)}\n"
        f"- wall time: {duration(rows.wall_s)}\n"
        f"- space: {space or 'not known'}"
    )
    if trials:
        yield "## Trials"
        yield _table(rows, trials, diagnoses)
    for name in dict.fromkeys(axis.name for axis in land.axes):
        if (plot := rate_plot(land, name)) is not None:
            yield f"## {_escaped(plot.title)}"
            yield f"```text\n{_drawn(plot)}```"
    if found := statements(land):
        yield "## What the data supports"
        yield "\n".join(map(_bullet, found))
    if (command := copy_lines.best_command(land)) is not None:
        yield "## Best command"
        yield f"```sh\n{command}\n```"


def _table(rows: StudyRows, trials: Sequence[TrialRow], diagnoses: Diagnoses) -> str:
    wanted = (Kind.IDENTITY, Kind.OBJECTIVE, Kind.PARAMETER, Kind.METRIC)
    shown = [
        column
        for column in columns(rows, diagnoses)
        if column.kind in wanted
        or column.name == "wall_s"
        or (column.kind is Kind.CURVE and any(map(column.cell, trials)))
    ]
    lines = [
        _line(_escaped(column.name) for column in shown),
        _line("---" if column.name in ("outcome", "curve") else "---:" for column in shown),
    ]
    lines += [_line(_cell(column, trial) for column in shown) for trial in trials]
    return "\n".join(lines)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(column: Column, trial: TrialRow) -> str:
    value = column.cell(trial)
    return "" if value is None or isinstance(value, datetime) else _escaped(plain(value))


def _bullet(statement: Statement) -> str:
    copy = f" `{statement.copy}`" if statement.copy else ""
    return f"- {_escaped(statement.sentence)}{copy}"


def _drawn(plot: Plot) -> str:
    """The plot without colours and without its title."""
    text = io.StringIO()
    Console(file=text, width=_PLOT_WIDTH, color_system=None, legacy_windows=False).print(plot)
    return text.getvalue().partition("\n")[2]


def _escaped(text: str) -> str:
    """`text` as Markdown shows it: on one line, nothing in it taken for markup."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
