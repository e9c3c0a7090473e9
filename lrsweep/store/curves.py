"""The objective's curves of trials that ended earlier, for a pruner to compare with."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

import sqlalchemy as sa

from lrsweep.store import tables
from lrsweep.store.points import POINT, Point, continued
from lrsweep.trial import Outcome, Params, Report

# A median over more trials than this says nothing more.
NEWEST = 500


@dataclass(frozen=True, slots=True)
class EndedCurve:
    """What a trial that ended reported of the objective, in order of arrival."""

    number: int
    params: Params
    outcome: Outcome
    reports: tuple[Report, ...]


def ended_curves(connection: sa.Connection, study_id: int, metric: str) -> Iterator[EndedCurve]:
    """Curves of the `NEWEST` trials that say something of their parameters, oldest first."""
    attempts, trials = tables.attempts.c, tables.trials.c
    ended = connection.execute(
        sa.select(attempts.number, attempts.params, attempts.outcome)
        .join(
            tables.trials,
            (trials.study_id == attempts.study_id) & (trials.number == attempts.number),
        )
        .where(
            attempts.study_id == study_id,
            attempts.outcome.in_([o.value for o in Outcome if o.informs]),
        )
        .order_by(attempts.number.desc())
        .limit(NEWEST)
    ).all()
    if not ended:
        return
    curves = _curves(connection, study_id, metric, first=ended[-1].number)
    for row in reversed(ended):
        of_trial = curves.get(row.number, {})
        examples, fractions = (
            {point.report: point.value for point in of_trial.get(name, ())}
            for name in (tables.EXAMPLES, tables.FRACTION)
        )
        yield EndedCurve(
            row.number,
            json.loads(row.params),
            Outcome(row.outcome),
            tuple(
                Report(
                    row.number,
                    point.report[0],
                    point.step,
                    {metric: point.value},
                    examples=_whole(examples.get(point.report)),
                    fraction=fractions.get(point.report),
                )
                for point in of_trial.get(metric, ())
                if math.isfinite(point.value)
            ),
        )


def _curves(
    connection: sa.Connection, study_id: int, metric: str, first: int
) -> dict[int, dict[str, list[Point]]]:
    """What trials from number `first` on reported of the objective and of the budget axis."""
    c = tables.points.c
    query = (
        sa.select(*POINT)
        .where(
            c.study_id == study_id,
            c.number >= first,
            c.name.in_((metric, tables.EXAMPLES, tables.FRACTION)),
        )
        .order_by(c.number, c.attempt, c.place)
    )
    by_trial = groupby(connection.execute(query), key=itemgetter(0))
    return {number: continued(rows) for number, rows in by_trial}


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)
