"""The report of a study in words: its parts, the most important first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from lrsweep.analysis.diagnosis import Diagnosis
from lrsweep.analysis.groups import RateGroup, is_rounded, searched
from lrsweep.analysis.landscape import Landscape
from lrsweep.analysis.wording import counted, duration, number, plain
from lrsweep.report.answer import sentence_of
from lrsweep.report.columns import BEST_FIRST, Column, Kind
from lrsweep.report.intervals import group_interval
from lrsweep.report.outcomes import outcomes_said, state_said
from lrsweep.report.parts import (
    Commands,
    Facts,
    Heading,
    Line,
    Part,
    Row,
    Said,
    Sentences,
    Table,
    Tone,
    line,
)
from lrsweep.report.study_report import StudyReport
from lrsweep.space import Space
from lrsweep.terms import printable
from lrsweep.trial import TrialRow

_MOST_GROUPS = 12
# A group with fewer completed trials says little, and is grey.
_FEWEST = 3
_MOST_METRICS = 3
# What gives way first in a table that is too wide. Rank 0 stays.
_RANKS = {Kind.PARAMETER: 0, Kind.CURVE: 1, Kind.METRIC: 4, Kind.RUN: 3}
_FIRST_METRIC = 2


def document(report: StudyReport, *, whole: bool = True) -> Iterator[Part]:
    """Every part that has something to say; without the trials and the space unless `whole`."""
    if report.answer.sentences:
        yield Sentences("", report.answer.sentences)
    yield from report.charts
    if report.groups:
        yield _groups(report.landscape, report.groups)
    if report.trials and whole:
        yield _trials(report)
    if report.statements:
        conclusions = tuple(sentence_of(report.rows, s) for s in report.statements)
        yield Sentences("Conclusions", conclusions)
    if report.rows.space and whole:
        yield space_facts("Space", report.rows.space)
    yield study_facts(report) if whole else _end_facts(report)
    if report.commands:
        yield Commands(report.commands)


def study_facts(report: StudyReport) -> Facts:
    """What the study is, what it runs and optimizes, and what it cost."""
    rows = report.rows
    ended = sum(trial.outcome is not None for trial in rows.trials)
    each = f", {duration(rows.wall_s / ended)} a trial" if ended and rows.wall_s else ""
    pruner = f", {rows.pruner} pruner" if rows.pruner not in ("", "none") else ", no pruner"
    return Facts.of(
        "Study",
        [
            ("study", line(Said(printable(rows.name), Tone.STRONG))),
            ("target", printable(rows.target)),
            ("objective", f"{printable(rows.metric)}, {rows.direction}"),
            ("search", f"{rows.sampler} sampler{pruner}" if rows.sampler else ""),
            ("trials", outcomes_said(rows)),
            ("wall time", f"{duration(rows.wall_s)}{each}"),
            ("created", "" if rows.created_at is None else minute(rows.created_at)),
        ],
    )


def space_facts(title: str, space: Sequence[str]) -> Facts:
    """The space as it was understood, a parameter a line."""
    described = Space.parse(space).describe()
    width = max((len(kind) for _, kind, _ in described), default=0)
    return Facts.of(
        title,
        [
            (printable(label), line(Said(f"{kind:<{width}}  ", Tone.QUIET), printable(extent)))
            for label, kind, extent in described
        ],
    )


def params_text(trial: TrialRow) -> str:
    """ "lr=0.0316  optimizer=sgd"."""
    return printable("  ".join(f"{name}={plain(value)}" for name, value in trial.params.items()))


def curve_text(diagnosis: Diagnosis | None) -> str:
    """ "still improving: train_loss was still falling …"; empty where nothing is known."""
    return "" if diagnosis is None else printable(f"{diagnosis.words}: {diagnosis.gloss}")


def minute(at: datetime) -> str:
    """ "2026-03-01 12:00", in local time."""
    return f"{at.astimezone():%Y-%m-%d %H:%M}"


def _end_facts(report: StudyReport) -> Facts:
    """How the sweep ended."""
    rows, best = report.rows, report.landscape.best
    metrics = "" if best is None else _best_metrics(report, best)
    look = None if best is None else report.diagnoses.get(best.number)
    return Facts.of(
        "",
        [
            ("study", line(Said(printable(rows.name), Tone.STRONG))),
            ("trials", line(*outcomes_said(rows), f" in {duration(rows.wall_s)}")),
            ("metrics", metrics),
            ("curve", curve_text(look)),
        ],
    )


def _best_metrics(report: StudyReport, best: TrialRow) -> str:
    shown = [c for c in report.columns if c.kind is Kind.METRIC][:_MOST_METRICS]
    values = ((c.name, c.cell(best)) for c in shown)
    return printable("  ".join(f"{n} {number(v)}" for n, v in values if isinstance(v, float)))


# -- tables -------------------------------------------------------------------------------------


def _groups(land: Landscape, groups: Sequence[RateGroup]) -> Table:
    """A row for each group; that of the best trial stands out."""
    names = [name for name, _ in groups[0].key]
    rounded = [name for name in names if is_rounded(land.rows.trials, name)]
    note = f" ({rounded[0]} to the nearest power of 2)" if rounded else ""
    rate = land.axes[0].name
    left = len(groups) - _MOST_GROUPS
    return Table(
        title=printable(f"Best {rate} by {' and '.join(names)}{note}"),
        headings=(
            *(Heading(printable(name)) for name in names),
            Heading(printable(rate), numbers=True),
            Heading(printable(land.rows.metric), numbers=True),
            Heading("90 % interval", numbers=True, rank=1),
            Heading("within 5 %", numbers=True, rank=3),
            Heading("diverged from", numbers=True, rank=2),
            Heading("completed", numbers=True, rank=4),
        ),
        rows=tuple(_group_row(land, group) for group in groups[:_MOST_GROUPS]),
        note=f"and {counted(left, 'more group')}" if left > 0 else "",
    )


def _group_row(land: Landscape, group: RateGroup) -> Row:
    found, span, diverges = ("-", "-"), "-", "-"
    if group.rate is not None and group.best is not None and group.best.value is not None:
        found = (number(group.rate, 3), number(group.best.value))
    interval = group_interval(land, group)
    if interval is not None and interval.band is not None:
        span = " … ".join(number(end, 2) for end in interval.band)
    elif group.close > 1 and group.low is not None and group.high is not None:
        span = f"{number(group.low, 3)} … {number(group.high, 3)}"
    if group.diverges_from is not None:
        diverges = number(group.diverges_from, 3)
    key = [printable(plain(value)) for _, value in group.key]
    lies = "-" if interval is None else interval.words
    cells = [*key, *found, lies, span, diverges, f"{group.completed} of {group.trials}"]
    best = group.best is not None and group.best is land.best
    thin = group.completed < _FEWEST
    tone = Tone.GOOD if best else Tone.QUIET if thin else Tone.PLAIN
    return Row(tuple(map(line, cells)), tone)


def _trials(report: StudyReport) -> Table:
    rows, listed = report.rows, report.trials
    title = "Best trials" if report.sort == BEST_FIRST else f"Trials by {report.sort}"
    count = f" ({len(listed)} of {len(rows.trials)})" if len(listed) < len(rows.trials) else ""
    shown = _worth_a_look(report)
    best = report.landscape.best.number if report.landscape.best is not None else None
    return Table(
        title=printable(title + count),
        headings=tuple(_heading(report, column, shown) for column in shown),
        rows=tuple(
            Row(
                tuple(_cell(report, column, trial) for column in shown),
                Tone.GOOD if trial.number == best else Tone.PLAIN,
            )
            for trial in listed
        ),
    )


def _worth_a_look(report: StudyReport) -> list[Column]:
    """What was searched, the telling metrics, the curve and the time, in reading order."""
    found, names = report.columns, searched(report.rows.trials)
    params = [c for c in found if c.kind is Kind.PARAMETER and c.key in names]
    metrics = [c for c in found if c.kind is Kind.METRIC]
    return [
        *(c for c in found if c.kind in (Kind.IDENTITY, Kind.OBJECTIVE)),
        *(params or [c for c in found if c.kind is Kind.PARAMETER]),
        *metrics[:_MOST_METRICS],
        *(c for c in found if c.kind is Kind.CURVE and any(map(c.cell, report.trials))),
        *(c for c in found if c.name == "wall_s"),
    ]


def _heading(report: StudyReport, column: Column, shown: Sequence[Column]) -> Heading:
    rank = _RANKS.get(column.kind, 0)
    if column.kind is Kind.METRIC and column is next(c for c in shown if c.kind is Kind.METRIC):
        rank = _FIRST_METRIC
    text = any(isinstance(column.cell(trial), str) for trial in report.trials)
    name = "wall" if column.name == "wall_s" else printable(column.name)
    return Heading(name, numbers=not text, rank=rank)


def _cell(report: StudyReport, column: Column, trial: TrialRow) -> Line:
    if column.name == "outcome":
        return line(state_said(trial))
    if column.kind is Kind.CURVE:
        found = report.diagnoses.get(trial.number)
        return line(found.words if found else "")
    if column.name == "wall_s":
        return line("" if trial.wall_s is None else duration(trial.wall_s))
    value = column.cell(trial)
    return line("" if isinstance(value, datetime) else printable(plain(value)))
