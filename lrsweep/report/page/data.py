"""What the page draws, as JSON: trials, charts, curves; text is that of the report."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from lrsweep.analysis.groups import RateGroup, finite, searched
from lrsweep.analysis.statements import Finding
from lrsweep.analysis.wording import duration, plain
from lrsweep.errors import SpaceError, StorageError
from lrsweep.protocol import TrialFolder
from lrsweep.report.chart import Chart, Series
from lrsweep.report.columns import Cell, Column, Kind, curve_name, outcome_name, telling
from lrsweep.report.commands import trial_command
from lrsweep.report.diagnoses import loss_names
from lrsweep.report.intervals import Interval, group_interval
from lrsweep.report.log_file import last_lines
from lrsweep.report.outcomes import TONES
from lrsweep.report.scale import Scale
from lrsweep.report.study_report import StudyReport
from lrsweep.space import Choice, Fixed, Parameter, Space
from lrsweep.store.read import StudyReader
from lrsweep.terms import is_batch_size, is_learning_rate, printable, tokens
from lrsweep.trial import Curve, ParamValue, TrialRow

_SHAPES = {
    "●": "circle",
    "▲": "triangle",
    "■": "square",
    "◆": "diamond",
    "○": "open circle",
    "△": "open triangle",
    "□": "open square",
    "◇": "open diamond",
    "·": "dot",
    "!": "bang",
    "×": "cross",
    "★": "star",
}
_MOST_METRICS, _MOST_COLUMNS = 6, 8
# Of more trials only the best have their logs on the page, and fewer metrics their curves.
_MANY = 2000
_LOGGED = 300
_MOST_POINTS = 400_000
_LOG_LINES, _LOG_CHARACTERS = 12, 1200
_EXAMPLES = "examples"
_SPAN = "A pale bar spans where the best rate lies (90 %)."


def page_data(
    report: StudyReport, reader: StudyReader, shares: Mapping[str, float], note: str
) -> dict[str, Any]:
    """Everything that the page's script draws; `shares` are the parameters' importance."""
    columns = list(_columns(report))
    best = report.landscape.best
    return {
        "metric": printable(report.rows.metric),
        "best": None if best is None else best.number,
        "columns": [{"name": _name(c), "numbers": _is_number(report, c)} for c in columns],
        "cells": [[_cell(c.cell(trial)) for c in columns] for trial in report.trials],
        "tones": {outcome.value: tone.value for outcome, tone in TONES.items()},
        "trials": [_trial(report, trial, at) for at, trial in enumerate(report.trials)],
        "charts": [_chart(chart) for chart in report.charts],
        "curves": _curves(report, reader),
        "scaling": _scaling(report),
        "parallel": _parallel(report),
        "importance": {
            "shares": [{"name": printable(n), "share": round(s, 4)} for n, s in shares.items()],
            "note": note,
        },
    }


def _columns(report: StudyReport) -> Iterator[Column]:
    names = searched(report.rows.trials)
    metrics = [c for c in report.columns if c.kind is Kind.METRIC][:_MOST_COLUMNS]
    for column in report.columns:
        told = column.kind in (Kind.IDENTITY, Kind.OBJECTIVE, Kind.CURVE) or column in metrics
        param = column.kind is Kind.PARAMETER and (column.key in names or not names)
        reasons = column.name == "reason" and any(t.reason for t in report.trials)
        if told or param or reasons or column.name == "wall_s":
            yield column


def _name(column: Column) -> str:
    return "wall (s)" if column.name == "wall_s" else printable(column.name)


def _is_number(report: StudyReport, column: Column) -> bool:
    return not any(isinstance(column.cell(trial), str) for trial in report.trials)


def _cell(cell: Cell) -> str | float | int | bool | None:
    if isinstance(cell, float):
        return _rounded(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    return printable(cell) if isinstance(cell, str) else cell


def _rounded(value: float | None, digits: int = 6) -> float | None:
    """To `digits` significant digits; None for what JSON has no number for."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.{digits}g}")


def _param(value: ParamValue) -> ParamValue:
    if isinstance(value, float):
        return _rounded(value)
    return printable(value) if isinstance(value, str) else value


def _trial(report: StudyReport, trial: TrialRow, rank: int) -> dict[str, Any]:
    failed = trial.outcome is not None and trial.outcome.failed
    logged = len(report.trials) <= _MANY or rank < _LOGGED or failed
    return {
        "n": trial.number,
        "outcome": outcome_name(trial),
        "value": _rounded(trial.value),
        "params": {printable(name): _param(value) for name, value in trial.params.items()},
        "curve": curve_name(report.diagnoses, trial),
        "reason": printable(trial.reason),
        "command": trial_command(trial),
        "facts": [[name, fact] for name, fact in _facts(trial) if fact],
        "logs": list(_logs(trial)) if logged else [],
    }


def _facts(trial: TrialRow) -> Iterator[tuple[str, str]]:
    yield "wall time", "" if trial.wall_s is None else duration(trial.wall_s)
    started = trial.started_at
    yield "started", "" if started is None else f"{started.astimezone():%Y-%m-%d %H:%M:%S}"
    yield "seed", str(trial.seed)
    yield "attempt", str(trial.attempt) if trial.attempt > 1 else ""
    yield "exit code", "" if trial.exit_code is None else str(trial.exit_code)
    yield "slot", printable(trial.slot)
    yield "folder", printable(trial.folder)


def _logs(trial: TrialRow) -> Iterator[tuple[str, str]]:
    if not trial.folder:
        return
    folder = TrialFolder(trial.folder)
    for path in (folder.stderr, folder.stdout):
        try:
            text = "\n".join(last_lines(path, _LOG_LINES))
        except StorageError:
            continue
        if text:
            yield f"End of {path.name}", text[-_LOG_CHARACTERS:]


# -- charts -------------------------------------------------------------------------------------


def _chart(chart: Chart) -> dict[str, Any]:
    shown = sum(len(series.points) for series in chart.series)
    return {
        "title": chart.title,
        "xLabel": chart.x_label,
        "yLabel": chart.y_label,
        "x": _scale(chart.x),
        "y": _scale(chart.y),
        "notes": list(chart.notes),
        "summary": f"{shown} trials.",
        "shades": [
            {"label": s.label, "low": s.low, "high": s.high, "kind": s.kind} for s in chart.shades
        ],
        "series": [_series(series, at) for at, series in enumerate(chart.series)],
    }


def _series(series: Series, at: int) -> dict[str, Any]:
    shape = _SHAPES.get(series.shape.glyph, "circle")
    special = shape in ("dot", "bang", "cross", "star")
    return {
        "label": series.label,
        "shape": shape,
        "kind": None if special else at - 1,
        "thin": series.shape.style == "dim" and not special,
        "points": [
            [_rounded(x), _edge(y), number]
            for (x, y), number in zip(series.points, series.trials, strict=True)
        ],
    }


def _edge(y: float) -> float | str | None:
    if math.isinf(y):
        return "high" if y > 0 else "low"
    return _rounded(y)


def _scale(scale: Scale) -> dict[str, Any]:
    return {"low": scale.low, "high": scale.high, "log": scale.log}


def _scaling(report: StudyReport) -> dict[str, Any] | None:
    """The best rate of each kind by batch size."""
    land, size = report.landscape, report.landscape.batch_size
    if size is None or not land.axes:
        return None
    series: dict[str, list[dict[str, Any]]] = {}
    for group in land.groups:
        key = dict(group.key)
        at, rate = key.get(size), group.rate
        if group.best is None or rate is None or not isinstance(at, int | float) or at <= 0:
            continue
        kind = plain(key[land.kind]) if land.kind else printable(report.rows.metric)
        if rate > 0:
            point = _group_point(group, float(at), rate, group_interval(land, group))
            series.setdefault(printable(kind), []).append(point)
    if sum(len(points) for points in series.values()) < 2 or max(map(len, series.values())) < 2:
        return None
    laws = [s.sentence for s in report.findings if s.kind is Finding.SCALING]
    rate_name = printable(land.axes[0].name)
    return {
        "title": printable(f"Best {rate_name} by {size}"),
        "x": printable(size),
        "y": rate_name,
        "note": printable(
            " ".join(laws) or "The pale bar spans the rates that come near the best."
        ),
        "series": [{"label": label, "points": points} for label, points in series.items()],
    }


def _group_point(
    group: RateGroup, at: float, rate: float, interval: Interval | None
) -> dict[str, Any]:
    assert group.best is not None
    return {
        "x": at,
        "y": _rounded(rate),
        "low": None if interval is None else _rounded(interval.low),
        "high": None if interval is None else _rounded(interval.high),
        "trial": group.best.number,
    }


def _parallel(report: StudyReport) -> dict[str, Any]:
    """The searched parameters and the objective as axes, and a line for each completed trial."""
    try:
        space = Space.parse(report.rows.space)
    except SpaceError:
        return {"axes": [], "lines": []}
    found = {p.name: p for p in space.parameters if not isinstance(p, Fixed)}
    done = finite(report.trials)
    values = [v for t in done if (v := _rounded(t.value)) is not None]
    if len(done) < 2 or not found:
        return {"axes": [], "lines": []}
    axes = [_axis(p) for p in found.values()]
    low, high = min(values), max(values)
    log = low > 0 and high > 20 * low
    axes.append({"name": printable(report.rows.metric), "low": low, "high": high, "log": log})
    ordered = sorted(done, key=lambda t: report.rows.direction.sort_key(t.value))
    return {
        "axes": axes,
        "lines": [
            {
                "n": trial.number,
                "rank": round(1 - at / max(1, len(ordered) - 1), 3),
                "v": [
                    *(_on_axis(found[n], trial.params.get(n)) for n in found),
                    _rounded(trial.value),
                ],
            }
            for at, trial in enumerate(ordered[:_MANY])
        ],
    }


def _axis(parameter: Parameter) -> dict[str, Any]:
    name = printable(parameter.name)
    if isinstance(parameter, Choice):
        return {"name": name, "values": [plain(value) for value in parameter.values]}
    assert not isinstance(parameter, Fixed)
    return {
        "name": name,
        "low": parameter.low,
        "high": parameter.high,
        "log": parameter.log or (is_batch_size(parameter.name) and parameter.low > 0),
    }


def _on_axis(parameter: Parameter, value: ParamValue) -> ParamValue:
    if isinstance(parameter, Choice):
        return plain(value)
    return _param(value)


# -- curves -------------------------------------------------------------------------------------


def _curves(report: StudyReport, reader: StudyReader) -> dict[str, Any]:
    names = {name for held in report.rows.metrics.values() for name in held}
    metrics, panels = _metrics(report, names), _panels(names)
    wanted = tuple(dict.fromkeys((*metrics, *panels)))
    numbers = {trial.number for trial in report.trials}
    most = max(6, min(200, _MOST_POINTS // max(1, len(numbers) * len(wanted))))
    axes: dict[tuple[float | None, ...], int] = {}
    by: dict[str, dict[int, list[Any]]] = {name: {} for name in wanted}
    counted = False
    for number, held in reader.curves_by_trial(report.rows.name, (*wanted, _EXAMPLES)):
        if number not in numbers:
            continue
        seen = held.get(_EXAMPLES)
        for name in wanted:
            if name in held:
                steps, values, examples = _thinned(held[name], seen, most)
                counted = counted or examples is not None
                at = axes.setdefault(steps, len(axes))
                by[name][number] = [
                    at,
                    values,
                    None if examples is None else axes.setdefault(examples, len(axes)),
                ]
    return {
        "metrics": [name for name in metrics if by[name]],
        "panels": [name for name in panels if by[name]],
        "examples": _EXAMPLES if counted else None,
        "axes": [list(axis) for axis in axes],
        "by": by,
    }


def _metrics(report: StudyReport, names: set[str]) -> list[str]:
    """The objective, the training loss beside it, then what tells most."""
    objective = report.rows.metric
    losses = loss_names(objective, names)
    training = [losses.training] if losses is not None and losses.training else []
    most = 2 if len(report.trials) > _MANY else _MOST_METRICS
    order = dict.fromkeys((objective, *training, *telling(names)))
    return list(order)[:most]


def _panels(names: set[str]) -> list[str]:
    """Learning rate, gradient norms and update ratios."""

    def is_one(name: str) -> bool:
        words = set(tokens(name))
        rate = is_learning_rate(name.rpartition("/")[2])
        return rate or {"grad", "norm"} <= words or {"update", "ratio"} <= words

    return sorted(filter(is_one, names))[:4]


def _thinned(
    curve: Curve, seen: Curve | None, most: int
) -> tuple[tuple[float, ...], list[float | None], tuple[float | None, ...] | None]:
    """At most `most` points: steps, values, and the examples seen where they are known."""
    stride = max(1, math.ceil(len(curve.steps) / most))
    kept = [*range(0, len(curve.steps), stride)]
    if kept and kept[-1] != len(curve.steps) - 1:
        kept.append(len(curve.steps) - 1)
    examples = None
    if seen is not None:
        at = dict(zip(seen.steps, seen.values, strict=True))
        examples = tuple(at.get(curve.steps[i]) for i in kept)
    steps: Sequence[float] = [curve.steps[i] for i in kept]
    return tuple(steps), [_rounded(curve.values[i], 4) for i in kept], examples
