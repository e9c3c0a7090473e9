"""One trial whole: how it ended, its parameters, its curves, its command and what it wrote last."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lrsweep.analysis.diagnosis import Diagnosis
from lrsweep.analysis.wording import duration, number, plain
from lrsweep.errors import NotFound, StorageError
from lrsweep.protocol import TrialFolder
from lrsweep.report import copy_lines
from lrsweep.report.columns import select, telling
from lrsweep.report.diagnoses import training_beside, trial_diagnosis
from lrsweep.report.log_file import last_lines
from lrsweep.report.outcomes import outcome_text
from lrsweep.report.plot import Plot, Series, Shape
from lrsweep.report.scale import Scale
from lrsweep.report.sections import print_command, print_section
from lrsweep.report.summary import curve_text, facts
from lrsweep.trial import Curve, Direction, Outcome, StudyRows, TrialRow

_LOG_LINES = 10
_LOG_FROM = 20.0
_NOT_FINITE = Shape("×", "x", "bold red")
_TRAINING = Shape("·", ".", "yellow")


def find_trial(rows: StudyRows, number: int) -> TrialRow:
    """The trial `number` of `rows`; raises `NotFound` where there is none."""
    for trial in rows.trials:
        if trial.number == number:
            return trial
    there = (
        f"it has {rows.trials[0].number} to {rows.trials[-1].number}"
        if rows.trials
        else ("it has none yet")
    )
    raise NotFound(f"study {rows.name!r} has no trial {number}; {there}")


def render_trial(rows: StudyRows, number: int, curves: Sequence[Curve], console: Console) -> None:
    """Everything known of one trial; raises `NotFound` where there is none of that `number`."""
    trial = find_trial(rows, number)
    seen = trial_diagnosis(rows, trial, curves)
    print_section(console, f"Trial {number} of {rows.name}", _facts(rows, trial, seen))
    print_section(
        console, "Parameters", facts((name, plain(v)) for name, v in trial.params.items())
    )
    if curves:
        plot = curve_plot(curves[0], rows.direction, training_beside(rows.metric, curves))
        if plot is not None:
            print_section(console, None, plot)
        print_section(console, "Metrics", _metrics(curves))
    for title, lines in _logs(trial):
        print_section(console, title, Text("\n".join(lines), no_wrap=True, overflow="ellipsis"))
    if trial.command:
        print_command(console, "Command", copy_lines.trial_command(trial))
    if trial.folder:
        print_command(console, "All it wrote", copy_lines.logs_command(rows, number))


def curve_plot(curve: Curve, direction: Direction, training: Curve | None = None) -> Plot | None:
    """A metric over its steps as a line, and the `training` loss, where there is one, as dots.

    Points of the line that are not finite stand on the edge of worse values. None where no point is
    finite.
    """
    finite = [v for v in curve.values if math.isfinite(v)]
    if not finite:
        return None
    points = list(zip(curve.steps, curve.values, strict=True))
    broken = [(step, direction.worst) for step, v in points if not math.isfinite(v)]
    beside = [] if training is None else [_beside(finite, training)]
    values = finite + [v for series in beside for _, v in series.points]
    log = min(values) > 0 and max(values) >= _LOG_FROM * min(values)
    return Plot(
        title=f"{curve.metric} by step",
        x=Scale.around([*curve.steps, *(s for series in beside for s, _ in series.points)]),
        y=Scale.around(values, log),
        x_label="step",
        line=[(step, v if math.isfinite(v) else math.nan) for step, v in points],
        series=[*beside, Series("not finite", _NOT_FINITE, broken)],
        height=12,
    )


def _beside(shown: Sequence[float], training: Curve) -> Series:
    """The training losses that do not squeeze what is `shown`: the first ones are often far off."""
    low, high = min(shown), max(shown)
    points = zip(training.steps, training.values, strict=True)
    near = [(s, v) for s, v in points if math.isfinite(v) and v <= high + (high - low) / 2]
    return Series(training.metric, _TRAINING, near)


def _facts(rows: StudyRows, trial: TrialRow, diagnosis: Diagnosis | None) -> Table:
    ended = Text("not ended") if trial.outcome is None else outcome_text(trial.outcome)
    began = "" if trial.started_at is None else f"{trial.started_at.astimezone():%Y-%m-%d %H:%M:%S}"
    return facts(
        [
            ("outcome", ended),
            ("reason", trial.reason),
            (rows.metric, _value(rows, trial)),
            ("curve", curve_text(diagnosis)),
            ("wall time", "" if trial.wall_s is None else duration(trial.wall_s)),
            ("started", began),
            ("attempt", str(trial.attempt) if trial.attempt > 1 else ""),
            ("exit code", "" if trial.exit_code is None else str(trial.exit_code)),
            ("seed", str(trial.seed)),
            ("slot", trial.slot),
            ("folder", trial.folder),
        ]
    )


def _value(rows: StudyRows, trial: TrialRow) -> str:
    if trial.value is None:
        return ""
    if trial.outcome is not Outcome.COMPLETED:
        return number(trial.value)
    done = [t for t in select(rows) if t.outcome is Outcome.COMPLETED]
    return f"{number(trial.value)}  (number {done.index(trial) + 1} of {len(done)} completed)"


def _metrics(curves: Sequence[Curve]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("metric", no_wrap=True)
    for heading in ("points", "first", "lowest", "highest", "last"):
        table.add_column(heading, justify="right")
    order = telling(curve.metric for curve in curves[1:])
    for curve in (curves[0], *sorted(curves[1:], key=lambda c: order.index(c.metric))):
        finite = [v for v in curve.values if math.isfinite(v)]
        ends = (min(finite), max(finite)) if finite else (math.nan, math.nan)
        values = (curve.values[0], *ends, curve.values[-1]) if curve.values else ()
        table.add_row(Text(curve.metric), str(len(curve.values)), *map(number, values))
    return table


def _logs(trial: TrialRow) -> Iterator[tuple[str, list[str]]]:
    """The last lines of what the trial wrote; a log that is gone is left out."""
    if not trial.folder:
        return
    folder = TrialFolder(trial.folder)
    for path in (folder.stdout, folder.stderr):
        try:
            lines = last_lines(path, _LOG_LINES)
        except StorageError:
            continue
        if lines:
            yield f"End of {path.name}", lines
