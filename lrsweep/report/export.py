"""A study as text for other programs: JSON and CSV; and the formats by name."""

from __future__ import annotations

import csv
import io
import json
import math
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from lrsweep.analysis.diagnosis import NO_DIAGNOSES, Diagnoses
from lrsweep.analysis.groups import RateGroup
from lrsweep.analysis.statements import statements
from lrsweep.report.axes import landscape
from lrsweep.report.columns import BEST_FIRST, Cell, columns, curve_name, outcome_name, select
from lrsweep.report.markdown import to_markdown
from lrsweep.trial import StudyRows, TrialRow


class Format(Protocol):
    """Turns a study into text; raises `InputError` where `sort` names no column."""

    def __call__(
        self,
        rows: StudyRows,
        *,
        sort: str = BEST_FIRST,
        top: int | None = None,
        diagnoses: Diagnoses = NO_DIAGNOSES,
    ) -> str: ...


def json_number(value: float | None) -> float | None:
    """`value` where it is finite, otherwise None: JSON has neither NaN nor Infinity.

    So a diverged trial's value is null; its outcome says why.
    """
    return value if value is not None and math.isfinite(value) else None


def to_json(
    rows: StudyRows,
    *,
    sort: str = BEST_FIRST,
    top: int | None = None,
    diagnoses: Diagnoses = NO_DIAGNOSES,
) -> str:
    """The study as one JSON document: its trials in `rows`, counted by outcome in `trials`.

    Numbers that are not finite are null, and so is the `curve` of a trial without one in
    `diagnoses`. Raises `InputError` where `sort` names no column.
    """
    land = landscape(rows, diagnoses)
    document = {
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
        "trials": Counter(outcome_name(trial) for trial in rows.trials),
        "best": None if land.best is None else _trial(rows, land.best, diagnoses),
        "findings": [
            {"kind": s.kind.value, "sentence": s.sentence, "numbers": dict(s.numbers)}
            | ({"copy": s.copy} if s.copy else {})
            for s in statements(land)
        ],
        "groups": [_group(group) for group in land.groups],
        "rows": [_trial(rows, trial, diagnoses) for trial in select(rows, sort=sort, top=top)],
    }
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def to_csv(
    rows: StudyRows,
    *,
    sort: str = BEST_FIRST,
    top: int | None = None,
    diagnoses: Diagnoses = NO_DIAGNOSES,
) -> str:
    """Every column of the trials, with a heading; missing values are empty.

    A diverged trial's value is `inf` or `-inf`. Raises `InputError` where `sort` names no column.
    """
    shown = columns(rows, diagnoses)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(column.name for column in shown)
    for trial in select(rows, sort=sort, top=top):
        writer.writerow(_csv_cell(column.cell(trial)) for column in shown)
    return text.getvalue()


FORMATS: Mapping[str, Format] = {"json": to_json, "csv": to_csv, "markdown": to_markdown}


def _trial(rows: StudyRows, trial: TrialRow, diagnoses: Diagnoses) -> dict[str, Any]:
    metrics = rows.metrics.get(trial.number, {})
    return {
        "trial": trial.number,
        "outcome": outcome_name(trial),
        "value": json_number(trial.value),
        "params": dict(trial.params),
        "metrics": {name: json_number(value) for name, value in metrics.items()},
        "curve": curve_name(diagnoses, trial),
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


def _group(group: RateGroup) -> dict[str, Any]:
    return {
        "params": dict(group.key),
        "trials": group.trials,
        "completed": group.completed,
        "diverged": group.diverged,
        "best_trial": None if group.best is None else group.best.number,
        "best_rate": group.rate,
        "best_value": None if group.best is None else json_number(group.best.value),
        "diverges_from": group.diverges_from,
    }


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    return str(cell)
