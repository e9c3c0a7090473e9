"""One trial: how it ended, its parameters, its curves, its command and what it wrote last."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from lrsweep.analysis.diagnosis import Diagnosis
from lrsweep.analysis.seen import Seen
from lrsweep.analysis.wording import duration, number, plain
from lrsweep.errors import NotFound, StorageError
from lrsweep.protocol import TrialFolder
from lrsweep.report.chart import Chart, Series, Shape
from lrsweep.report.columns import select, telling
from lrsweep.report.commands import logs_command, trial_command
from lrsweep.report.diagnoses import training_beside, trial_diagnosis
from lrsweep.report.document import curve_text
from lrsweep.report.log_file import last_lines
from lrsweep.report.outcomes import outcome_said
from lrsweep.report.parts import (
    Command,
    Commands,
    Facts,
    Heading,
    Log,
    Part,
    Row,
    Table,
    line,
)
from lrsweep.report.scale import Scale
from lrsweep.terms import printable
from lrsweep.trial import Curve, Direction, Outcome, StudyRows, TrialRow, Verdict

_MOST_METRICS = 40
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


def trial_parts(
    rows: StudyRows, number: int, curves: Sequence[Curve], verdict: Verdict | None = None
) -> Iterator[Part]:
    """Everything known of one trial; raises `NotFound` where there is none of that `number`.

    `verdict` is that of the rule that stopped it, where one did.
    """
    trial = find_trial(rows, number)
    seen = trial_diagnosis(rows, trial, curves)
    yield _facts(rows, trial, seen)
    if verdict is not None:
        yield _decision(verdict)
    params = ((printable(name), printable(plain(v))) for name, v in trial.params.items())
    yield Facts.of("Parameters", params)
    if curves:
        chart = curve_chart(curves[0], rows.direction, training_beside(rows.metric, curves))
        if chart is not None:
            yield chart
        yield _metrics(curves)
    yield from _logs(trial)
    if trial.command:
        commands = [Command("Command", trial_command(trial))]
        if trial.folder:
            commands.append(Command("Full log", logs_command(rows, number)))
        yield Commands(tuple(commands))


def curve_chart(curve: Curve, direction: Direction, training: Curve | None = None) -> Chart | None:
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
    return Chart(
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


def _facts(rows: StudyRows, trial: TrialRow, diagnosis: Diagnosis | None) -> Facts:
    ended = "not ended" if trial.outcome is None else line(outcome_said(trial.outcome))
    began = "" if trial.started_at is None else f"{trial.started_at.astimezone():%Y-%m-%d %H:%M:%S}"
    return Facts.of(
        printable(f"Trial {trial.number} of {rows.name}"),
        [
            ("outcome", ended),
            ("reason", printable(trial.reason)),
            (printable(rows.metric), _value(rows, trial)),
            ("curve", curve_text(diagnosis)),
            ("seen", printable(Seen.of(trial.observed).sentence)),
            ("wall time", "" if trial.wall_s is None else duration(trial.wall_s)),
            ("started", began),
            ("attempt", str(trial.attempt) if trial.attempt > 1 else ""),
            ("exit code", "" if trial.exit_code is None else str(trial.exit_code)),
            ("seed", str(trial.seed)),
            ("slot", printable(trial.slot)),
            ("folder", printable(trial.folder)),
        ],
    )


def _decision(verdict: Verdict) -> Facts:
    numbers = ((printable(name), number(value)) for name, value in verdict.numbers.items())
    return Facts.of("Why it was stopped", [("rule", printable(verdict.rule)), *numbers])


def _value(rows: StudyRows, trial: TrialRow) -> str:
    if trial.value is None:
        return ""
    if trial.outcome is not Outcome.COMPLETED:
        return number(trial.value)
    done = [t for t in select(rows) if t.outcome is Outcome.COMPLETED]
    return f"{number(trial.value)}  (number {done.index(trial) + 1} of {len(done)} completed)"


def _metrics(curves: Sequence[Curve]) -> Table:
    order = {name: at for at, name in enumerate(telling(curve.metric for curve in curves[1:]))}
    others = sorted(curves[1:], key=lambda curve: order[curve.metric])
    shown = [curves[0], *others[: _MOST_METRICS - 1]]
    headings = ("points", "first", "lowest", "highest", "last")
    left = len(curves) - len(shown)
    return Table(
        "Metrics",
        (Heading("metric"), *(Heading(name, numbers=True) for name in headings)),
        tuple(map(_metric_row, shown)),
        f"and {left} more; lrsweep export has them all" if left else "",
    )


def _metric_row(curve: Curve) -> Row:
    finite = [v for v in curve.values if math.isfinite(v)]
    ends = (min(finite), max(finite)) if finite else (math.nan, math.nan)
    values = (curve.values[0], *ends, curve.values[-1]) if curve.values else ()
    cells = [str(len(curve.values)), *map(number, values)]
    cells += [""] * (5 - len(cells))
    return Row((line(printable(curve.metric)), *map(line, cells)))


def _logs(trial: TrialRow) -> Iterator[Log]:
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
            yield Log(f"End of {path.name}", tuple(lines))
