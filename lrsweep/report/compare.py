"""Studies side by side: which is better, by more than noise or not, and what each covered."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from lrsweep.analysis.comparison import may_be_best
from lrsweep.analysis.settings import estimate_noise
from lrsweep.analysis.wording import counted, duration, listed, number, plain
from lrsweep.errors import InputError
from lrsweep.report.answer import settings_text
from lrsweep.report.chart import Chart, Series, Shape
from lrsweep.report.intervals import interval_of
from lrsweep.report.parts import (
    Commands,
    Heading,
    Part,
    Row,
    Sentence,
    Sentences,
    Table,
    Tone,
    line,
)
from lrsweep.report.scale import Scale
from lrsweep.report.study_report import StudyReport
from lrsweep.space import Space
from lrsweep.terms import printable
from lrsweep.trial import Curve, Direction, StudyRows

_SHAPES = (
    Shape("●", "o", "cyan"),
    Shape("▲", "^", "yellow"),
    Shape("■", "#", "magenta"),
    Shape("◆", "%", "blue"),
    Shape("○", "0", "green"),
    Shape("△", "A", "red"),
)
_MOST_POINTS = 60


def compare_parts(reports: Sequence[StudyReport]) -> Iterator[Part]:
    """What tells `reports` apart.

    Raises `InputError` unless all have the same metric and direction.
    """
    ordered, sure = how_sure(reports)
    yield Sentences("", tuple(_verdict(ordered, sure)))
    yield _table(ordered)
    yield _spaces(reports)
    if best := [c for c in ordered[0].commands if c.title.startswith("Best command")]:
        yield Commands(tuple(best))


def how_sure(reports: Sequence[StudyReport]) -> tuple[list[StudyReport], str]:
    """`reports` from best to worst, and whether the first two differ by more than noise.

    Raises `InputError` unless all have the same metric and direction.
    """
    _check(reports)
    ordered = sorted(reports, key=_cost)
    done = [report for report in ordered if report.landscape.winner is not None]
    return ordered, _apart(*done[:2]) if len(done) > 1 else ""


def _check(reports: Sequence[StudyReport]) -> None:
    first = reports[0].rows
    for report in reports[1:]:
        rows = report.rows
        if (rows.metric, rows.direction) != (first.metric, first.direction):
            raise InputError(
                f"{rows.name!r} has the objective {rows.metric}, {rows.direction}, and "
                f"{first.name!r} {first.metric}, {first.direction}: they cannot be compared"
            )


def _cost(report: StudyReport) -> float:
    winner = report.landscape.winner
    return math.inf if winner is None else winner.cost


def _verdict(ordered: Sequence[StudyReport], sure: str) -> Iterator[Sentence]:
    first, second = ordered[:2]
    winner, other = first.landscape.winner, second.landscape.winner
    if winner is None:
        yield Sentence("No trial of any of these studies completed.", "Which")
        return
    name = printable(first.rows.name)
    if other is None:
        yield Sentence(f"{name}: no trial of the others completed.", "Which")
        return
    sign = 1 if first.rows.direction is Direction.MINIMIZE else -1
    values = f"{number(sign * winner.cost)} against {number(sign * other.cost)}"
    yield Sentence(
        printable(f"{name} has the better {first.rows.metric}, {values} of {second.rows.name}."),
        "Which",
    )
    yield Sentence(sure, "How sure")


def _apart(first: StudyReport, second: StudyReport) -> str:
    """Welch's test where both best settings ran again, else the noise of all repeated settings."""
    winner, other = first.landscape.winner, second.landscape.winner
    assert winner is not None
    assert other is not None
    if len(winner.costs) > 1 and len(other.costs) > 1:
        apart = not may_be_best([winner.costs, other.costs])[1]
        runs = f"{len(winner.costs)} and {len(other.costs)} runs"
        if apart:
            return f"By more than chance: the best settings of both ran again ({runs}, 95 %)."
        return f"They cannot be told apart: the best settings ran {runs} (95 %)."
    noise = estimate_noise([*first.landscape.settings, *second.landscape.settings])
    gap = other.cost - winner.cost
    if noise is None:
        return (
            "How much a run varies by chance was not measured: run the best setting of each "
            "again with other seeds."
        )
    least = number(noise.least_difference, 2)
    if gap > noise.least_difference:
        return f"By more than the {least} that runs of one setting differ by chance (95 %)."
    return f"They cannot be told apart: runs of one setting differ by {least} by chance (95 %)."


def _table(ordered: Sequence[StudyReport]) -> Table:
    rows = []
    for index, report in enumerate(ordered):
        land, best = report.landscape, report.landscape.best
        interval = interval_of(land, land.home)
        cells = [
            report.rows.name,
            "-" if best is None or best.value is None else number(best.value),
            "-" if best is None else settings_text(land),
            "-" if interval is None else interval.words,
            f"{sum(t.outcome is not None for t in report.rows.trials)}",
            duration(report.rows.wall_s),
        ]
        tone = Tone.GOOD if index == 0 and best is not None else Tone.PLAIN
        rows.append(Row(tuple(line(printable(cell)) for cell in cells), tone))
    metric = printable(ordered[0].rows.metric)
    return Table(
        "Studies",
        (
            Heading("study"),
            Heading(metric, numbers=True),
            Heading("best setting", widest=44),
            Heading("90 % interval of the rate", rank=2),
            Heading("trials", numbers=True, rank=1),
            Heading("wall", numbers=True, rank=3),
        ),
        tuple(rows),
    )


def _spaces(reports: Sequence[StudyReport]) -> Table:
    """What each study searched, a parameter a row; what differs stands out."""
    described = [_space(report.rows) for report in reports]
    names = list(dict.fromkeys(name for space in described for name in space))
    rows = []
    for name in names:
        texts = [space.get(name, "-") for space in described]
        tone = Tone.WARN if len(set(texts)) > 1 else Tone.PLAIN
        rows.append(Row((line(name), *map(line, texts)), tone))
    headings = (Heading("space"), *(Heading(printable(r.rows.name)) for r in reports))
    differs = [n for n in names if len({space.get(n, "-") for space in described}) > 1]
    note = f"they differ in {listed(differs)}" if differs else "the same space"
    return Table("What each covered", headings, tuple(rows), note)


def _space(rows: StudyRows) -> dict[str, str]:
    space = Space.parse(rows.space)
    return {
        printable(label): printable(extent if kind == "choice" else f"{kind} {extent}")
        for label, kind, extent in space.describe()
    }


# -- trials of one study ------------------------------------------------------------------------


def overlay_parts(rows: StudyRows, curves: Sequence[tuple[int, Sequence[Curve]]]) -> Iterator[Part]:
    """The objective's curves of some trials in one chart, and where the trials differ."""
    chart = _overlay(rows, curves)
    if chart is not None:
        yield chart
    by_number = {trial.number: trial for trial in rows.trials}
    trials = [by_number[number] for number, _ in curves]
    names = dict.fromkeys(name for trial in trials for name in trial.params)
    differs = [n for n in names if len({t.params.get(n) for t in trials}) > 1]
    yield Table(
        f"{counted(len(trials), 'trial')} of {printable(rows.name)}",
        (
            Heading("trial", numbers=True),
            Heading("outcome"),
            Heading(printable(rows.metric), numbers=True),
            *(Heading(printable(name), numbers=True) for name in differs),
            Heading("wall", numbers=True, rank=1),
        ),
        tuple(
            Row(
                tuple(
                    line(printable(cell))
                    for cell in (
                        str(trial.number),
                        "-" if trial.outcome is None else trial.outcome.value.replace("_", " "),
                        "-" if trial.value is None else number(trial.value),
                        *(plain(trial.params.get(name)) for name in differs),
                        "" if trial.wall_s is None else duration(trial.wall_s),
                    )
                )
            )
            for trial in trials
        ),
    )


def _overlay(rows: StudyRows, curves: Sequence[tuple[int, Sequence[Curve]]]) -> Chart | None:
    series = []
    for index, (number_, held) in enumerate(curves):
        points = [
            (float(step), value)
            for step, value in zip(held[0].steps, held[0].values, strict=True)
            if math.isfinite(value)
        ]
        stride = max(1, len(points) // _MOST_POINTS)
        series.append(Series(f"trial {number_}", _SHAPES[index % len(_SHAPES)], points[::stride]))
    every = [point for one in series for point in one.points]
    if not every:
        return None
    values = [value for _, value in every]
    log = min(values) > 0 and max(values) >= 20 * min(values)
    return Chart(
        title=f"{printable(rows.metric)} by step",
        x=Scale.around([step for step, _ in every]),
        y=Scale.around(values, log),
        x_label="step",
        series=series,
    )
