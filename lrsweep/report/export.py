"""A study as text for other programs: JSON and CSV; and the formats by name."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from lrsweep.analysis.groups import RateGroup
from lrsweep.report.columns import curve_name, outcome_name
from lrsweep.report.intervals import group_interval
from lrsweep.report.json_text import json_number, json_text
from lrsweep.report.markdown import to_markdown
from lrsweep.report.parts import Sentence
from lrsweep.report.study_report import StudyReport
from lrsweep.terms import printable
from lrsweep.trial import TrialRow

# What makes a spreadsheet read a cell as a formula; it skips blanks before it.
_FORMULA = re.compile(r"[=+\-@\t\r]|\s+[=+\-@]")


def to_json(report: StudyReport) -> str:
    """The study as one JSON document: its trials in `rows`, counted by outcome in `trials`.

    Numbers that are not finite are null, and so is the `curve` of a trial whose curve is not known.
    """
    return json_text("report", _document(report))


def to_csv(report: StudyReport) -> str:
    """Every column of the trials, with a heading; missing values are empty.

    A diverged trial's value is `inf` or `-inf`. Text that a spreadsheet would take for a formula
    begins with an apostrophe.
    """
    cells = ([column.cell(trial) for column in report.columns] for trial in report.trials)
    return csv_text([column.name for column in report.columns], cells)


def csv_text(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Rows under their names, the cells made harmless as `to_csv` says."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(map(_csv_cell, names))
    writer.writerows(map(_csv_cell, row) for row in rows)
    return text.getvalue()


FORMATS: Mapping[str, Callable[[StudyReport], str]] = {
    "json": to_json,
    "csv": to_csv,
    "markdown": to_markdown,
}


def _document(report: StudyReport) -> dict[str, Any]:
    rows, answer, best = report.rows, report.answer, report.landscape.best
    return {
        "study": rows.name,
        "storage": rows.storage,
        "target": rows.target,
        "metric": rows.metric,
        "direction": rows.direction.value,
        "sampler": rows.sampler,
        "pruner": rows.pruner,
        "space": list(rows.space),
        "created_at": _iso(rows.created_at),
        "wall_s": rows.wall_s,
        "sweep_command": list(rows.sweep_command),
        "answer": {
            "use": _sentence(answer.use),
            "sure": _sentence(answer.sure),
            "next": _sentence(answer.next),
        },
        "trials": {name: count for name, (count, _) in report.cost.by_outcome.items()},
        "best": None if best is None else trial_document(report, best),
        "findings": [
            {"kind": s.kind.value, "sentence": s.sentence, "numbers": dict(s.numbers)}
            | ({"copy": s.copy} if s.copy else {})
            for s in report.findings
        ],
        "groups": [_group(report, group) for group in report.landscape.groups],
        "commands": [{"title": c.title, "line": c.line} for c in report.commands],
        "rows": [trial_document(report, trial) for trial in report.trials],
    }


def _sentence(sentence: Sentence | None) -> dict[str, str] | None:
    if sentence is None:
        return None
    return {"sentence": sentence.text} | ({"command": sentence.copy} if sentence.copy else {})


def trial_document(report: StudyReport, trial: TrialRow) -> dict[str, Any]:
    """One trial; numbers that are not finite are null."""
    metrics = report.rows.metrics.get(trial.number, {})
    return {
        "trial": trial.number,
        "outcome": outcome_name(trial),
        "value": json_number(trial.value),
        "params": dict(trial.params),
        "metrics": {name: json_number(value) for name, value in metrics.items()},
        "curve": curve_name(report.diagnoses, trial),
        "attempt": trial.attempt,
        "seed": trial.seed,
        "started_at": _iso(trial.started_at),
        "wall_s": trial.wall_s,
        "exit_code": trial.exit_code,
        "reason": trial.reason,
        "command": list(trial.command),
        "folder": trial.folder,
        "slot": trial.slot,
    }


def _group(report: StudyReport, group: RateGroup) -> dict[str, Any]:
    interval = group_interval(report.landscape, group)
    return {
        "params": dict(group.key),
        "trials": group.trials,
        "completed": group.completed,
        "diverged": group.diverged,
        "best_trial": None if group.best is None else group.best.number,
        "best_rate": group.rate,
        "best_value": None if group.best is None else json_number(group.best.value),
        "diverges_from": group.diverges_from,
        "interval": None if interval is None else [interval.low, interval.high],
    }


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")


def _csv_cell(cell: Any) -> str:
    if cell is None or cell != cell:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    if isinstance(cell, str):
        text = "\n".join(printable(line) for line in cell.split("\n"))
        return f"'{text}" if _FORMULA.match(text) and not _is_number(text) else text
    return str(cell)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
