"""One study's report as one value: what every renderer shows, chosen and computed once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from lrsweep.analysis.diagnosis import NO_DIAGNOSES, Diagnoses
from lrsweep.analysis.groups import RateGroup
from lrsweep.analysis.landscape import Landscape
from lrsweep.analysis.speed import compared, pruning, slowness
from lrsweep.analysis.statements import Statement, statements
from lrsweep.report.answer import Answer, answer
from lrsweep.report.axes import landscape
from lrsweep.report.chart import Chart
from lrsweep.report.columns import BEST_FIRST, Column, columns, outcome_name, select
from lrsweep.report.commands import study_commands
from lrsweep.report.diagnoses import read_diagnoses
from lrsweep.report.parts import Command
from lrsweep.report.rate_chart import rate_charts
from lrsweep.store.read import StudyReader
from lrsweep.trial import Curve, StudyRows, TrialRow


@dataclass(frozen=True, slots=True)
class Cost:
    """What a study took: seconds from start to end, and by outcome (trials, seconds of them)."""

    wall_s: float
    by_outcome: Mapping[str, tuple[int, float]]


@dataclass(frozen=True, slots=True)
class StudyReport:
    """What is to be said of `rows`, in the order in which it matters.

    `answer` is the verdict in three sentences; `charts` draw the landscape, of which `groups` are
    the parts; `trials` are those to list, in the order `sort`, with `columns` as their values and
    `diagnoses` as what their curves look like; `statements` are the conclusions that the answer
    does not hold. `failure` says why the sweep failed as a whole; empty where it passed.
    """

    rows: StudyRows
    answer: Answer
    landscape: Landscape
    charts: tuple[Chart, ...]
    groups: tuple[RateGroup, ...]
    trials: tuple[TrialRow, ...]
    sort: str
    columns: tuple[Column, ...]
    diagnoses: Diagnoses
    statements: tuple[Statement, ...]
    cost: Cost
    commands: tuple[Command, ...]
    failure: str = ""

    @property
    def findings(self) -> tuple[Statement, ...]:
        """Every statement, those in the answer first."""
        return (*self.answer.said, *self.statements)


def make_report(
    rows: StudyRows,
    *,
    sort: str = BEST_FIRST,
    top: int | None = None,
    diagnoses: Diagnoses = NO_DIAGNOSES,
    whole: bool = True,
    failure: str = "",
    objectives: Callable[[Collection[int]], Mapping[int, Curve]] | None = None,
) -> StudyReport:
    """The report on `rows`, listing the first `top` trials in the order of `sort`.

    `diagnoses` are those of the loss curves of these trials and of the best; `whole` says that
    there is no larger report to point to. `objectives` gives the objective's curves of trials by
    number. Raises `InputError` where `sort` names no column.
    """
    land = landscape(rows, diagnoses)
    found = (*statements(land), *_of_time(land, objectives))
    first = answer(land, found)
    told = {sentence.copy for sentence in first.sentences}
    return StudyReport(
        rows=rows,
        answer=first,
        landscape=land,
        charts=tuple(rate_charts(land, diagnoses)),
        groups=land.groups if len(land.groups) > 1 else (),
        trials=tuple(select(rows, sort=sort, top=top)),
        sort=sort,
        columns=columns(rows, diagnoses),
        diagnoses=diagnoses,
        statements=tuple(s for s in found if s not in first.said),
        cost=_cost(rows),
        commands=tuple(c for c in study_commands(land, whole=whole) if c.line not in told),
        failure=failure,
    )


def read_report(
    reader: StudyReader,
    study: str | None,
    *,
    sort: str = BEST_FIRST,
    top: int | None = None,
    curves: bool | None = None,
    whole: bool = True,
    failure: str = "",
) -> StudyReport:
    """The report on `study` (None: the newest).

    `curves` says whether to read the loss curve of every trial that is listed, however many; None
    leaves that to their number.
    """
    rows = reader.study(study)
    diagnoses = read_diagnoses(reader, rows, select(rows, sort=sort, top=top), every=curves)

    def objectives(numbers: Collection[int]) -> Mapping[int, Curve]:
        read = reader.curves_by_trial(rows.name, (rows.metric,), numbers)
        return {number: held[rows.metric] for number, held in read if rows.metric in held}

    return make_report(
        rows,
        sort=sort,
        top=top,
        diagnoses=diagnoses,
        whole=whole,
        failure=failure,
        objectives=objectives,
    )


def _of_time(
    land: Landscape, objectives: Callable[[Collection[int]], Mapping[int, Curve]] | None
) -> Iterator[Statement]:
    """What a bad rate costs in time, and what pruning saved."""
    trials = compared(land)
    if trials and objectives is not None:
        yield from slowness(land, trials, objectives([one.trial.number for one in trials]))
    yield from pruning(land)


def _cost(rows: StudyRows) -> Cost:
    seconds: defaultdict[str, list[float]] = defaultdict(list)
    for trial in rows.trials:
        seconds[outcome_name(trial)].append(trial.wall_s or 0.0)
    return Cost(rows.wall_s, {name: (len(of), sum(of)) for name, of in seconds.items()})
