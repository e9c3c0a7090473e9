"""What the reading commands print as JSON: studies, one trial, bundled studies, a comparison."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from lrsweep.plan import BundledStudy
from lrsweep.report.columns import outcome_name
from lrsweep.report.compare import how_sure
from lrsweep.report.export import trial_document
from lrsweep.report.json_text import json_number
from lrsweep.report.study_report import StudyReport
from lrsweep.trial import Curve, StudyRows


def list_document(studies: Sequence[StudyRows]) -> dict[str, Any]:
    """Every study, in the order given."""
    return {"studies": [_study(rows) for rows in studies]}


def show_document(report: StudyReport, number: int, curves: Sequence[Curve]) -> dict[str, Any]:
    """The trial `number`, which `report` lists, with its curves, the objective's first."""
    [trial] = [one for one in report.trials if one.number == number]
    return {
        "study": report.rows.name,
        "storage": report.rows.storage,
        "metric": report.rows.metric,
        "direction": report.rows.direction.value,
        "trial": trial_document(report, trial),
        "curves": [
            {
                "metric": curve.metric,
                "steps": list(curve.steps),
                "values": [json_number(value) for value in curve.values],
                "examples": list(curve.examples),
            }
            for curve in curves
        ],
    }


def bundled_document(studies: Sequence[BundledStudy]) -> dict[str, Any]:
    """The studies that come with lrsweep."""
    return {
        "studies": [
            {
                "study": study.name,
                "metric": study.metric,
                "description": study.description,
                "folder": str(study.folder),
                "space": list(study.space),
            }
            for study in studies
        ]
    }


def compare_document(reports: Sequence[StudyReport]) -> dict[str, Any]:
    """The studies from best to worst, and whether the first two differ by more than noise."""
    ordered, sure = how_sure(reports)
    return {
        "metric": ordered[0].rows.metric,
        "direction": ordered[0].rows.direction.value,
        "how_sure": sure,
        "studies": [_study(report.rows) for report in ordered],
    }


def _study(rows: StudyRows) -> dict[str, Any]:
    best = rows.best
    return {
        "study": rows.name,
        "storage": rows.storage,
        "metric": rows.metric,
        "direction": rows.direction.value,
        "space": list(rows.space),
        "trials": Counter(outcome_name(trial) for trial in rows.trials),
        "best": None
        if best is None
        else {
            "trial": best.number,
            "value": json_number(best.value),
            "params": dict(best.params),
        },
        "wall_s": rows.wall_s,
        "created_at": None
        if rows.created_at is None
        else rows.created_at.isoformat(timespec="seconds"),
    }
