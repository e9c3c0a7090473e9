"""Trials as a table that fits the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from lrsweep.analysis.diagnosis import Diagnoses
from lrsweep.analysis.groups import searched
from lrsweep.analysis.wording import duration, listed, plain
from lrsweep.report.columns import Column, Kind, columns
from lrsweep.report.outcomes import outcome_text
from lrsweep.trial import StudyRows, TrialRow

_GAP = 2
_WIDEST_CELL = 26
_MOST_METRICS = 3


@dataclass(frozen=True, slots=True)
class _Shown:
    """A column as it is printed: its heading and one text for each trial."""

    heading: str
    cells: list[Text]
    left: bool

    @property
    def width(self) -> int:
        widest = max((cell.cell_len for cell in self.cells), default=0)
        return max(len(self.heading), min(widest, _WIDEST_CELL)) + _GAP


@dataclass(frozen=True, slots=True)
class TrialTable:
    """`trials` of `rows` with what was searched, the telling metrics, the loss curve and the time.

    Columns that do not fit are left out, the least telling first, and named below the table.
    """

    rows: StudyRows
    trials: Sequence[TrialRow]
    diagnoses: Diagnoses

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        wanted = self._columns()
        texts = {column.name: self._texts(column) for column in wanted}
        kept = _fitting([texts[c.name] for c in _by_weight(wanted)], options.max_width)
        shown = [texts[c.name] for c in wanted if texts[c.name] in kept]
        table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="dim")
        for text in shown:
            table.add_column(
                Text(text.heading),
                justify="left" if text.left else "right",
                no_wrap=True,
                max_width=max(_WIDEST_CELL, len(text.heading)),
            )
        for index, trial in enumerate(self.trials):
            best = self.rows.best is not None and trial.number == self.rows.best.number
            cells = [text.cells[index] for text in shown]
            table.add_row(*cells, style="bold green" if best else "")
        yield table
        if left_out := [texts[c.name].heading for c in wanted if texts[c.name] not in kept]:
            yield Text(f"left out to fit: {listed(left_out)}", style="dim")

    def _columns(self) -> list[Column]:
        """The columns worth a look, in reading order."""
        found = columns(self.rows, self.diagnoses)
        names = searched(self.rows.trials)
        params = [c for c in found if c.kind is Kind.PARAMETER and c.key in names]
        metrics = [c for c in found if c.kind is Kind.METRIC]
        return [
            *(c for c in found if c.kind in (Kind.IDENTITY, Kind.OBJECTIVE)),
            *(params or [c for c in found if c.kind is Kind.PARAMETER]),
            *metrics[:_MOST_METRICS],
            *(c for c in found if c.kind is Kind.CURVE and any(map(c.cell, self.trials))),
            *(c for c in found if c.name == "wall_s"),
        ]

    def _texts(self, column: Column) -> _Shown:
        values = [column.cell(trial) for trial in self.trials]
        left = any(isinstance(value, str) for value in values)
        if column.name == "outcome":
            return _Shown("outcome", [_outcome(trial) for trial in self.trials], left)
        if column.kind is Kind.CURVE:
            diagnoses = [self.diagnoses.get(trial.number) for trial in self.trials]
            return _Shown(
                "curve",
                [Text(diagnosis.words if diagnosis else "") for diagnosis in diagnoses],
                left,
            )
        if column.name == "wall_s":
            texts = ["" if t.wall_s is None else duration(t.wall_s) for t in self.trials]
            return _Shown("wall", [Text(text) for text in texts], left)
        cells = [Text("" if isinstance(v, datetime) else plain(v)) for v in values]
        return _Shown(column.name, cells, left)


def _fitting(by_weight: Sequence[_Shown], width: int) -> list[_Shown]:
    kept: list[_Shown] = []
    for text in by_weight:
        if not kept or sum(k.width for k in kept) + text.width - _GAP <= width:
            kept.append(text)
    return kept


def _by_weight(wanted: Sequence[Column]) -> list[Column]:
    """What matters most first: the wall time goes before any metric but the first."""
    metrics = [c for c in wanted if c.kind is Kind.METRIC]
    curve = [c for c in wanted if c.kind is Kind.CURVE]
    wall = [c for c in wanted if c.kind is Kind.RUN]
    first = [c for c in wanted if c not in (*metrics, *curve, *wall)]
    return [*first, *curve, *metrics[:1], *wall, *metrics[1:]]


def _outcome(trial: TrialRow) -> Text:
    if trial.outcome is not None:
        return outcome_text(trial.outcome)
    return Text("waiting" if trial.started_at is None else "running", style="cyan")
