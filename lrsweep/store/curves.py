"""The objective's curves of trials that ended earlier, for a pruner to compare with."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from lrsweep.store import tables
from lrsweep.trial import Outcome, Params, Report

# A median over more trials than this says nothing more.
NEWEST = 500


@dataclass(frozen=True, slots=True)
class EndedCurve:
    """What a trial that ended reported of the objective, in order of step."""

    number: int
    params: Params
    outcome: Outcome
    reports: tuple[Report, ...]


def ended_curves(connection: sa.Connection, study_id: int, metric: str) -> Iterator[EndedCurve]:
    """Curves of the `NEWEST` trials that completed or were pruned, oldest first."""
    attempts, trials = tables.attempts.c, tables.trials.c
    ended = connection.execute(
        sa.select(trials.trial_id, attempts.number, attempts.params, attempts.outcome)
        .join(
            tables.trials,
            (trials.study_id == attempts.study_id) & (trials.number == attempts.number),
        )
        .where(
            attempts.study_id == study_id,
            attempts.outcome.in_((Outcome.COMPLETED.value, Outcome.PRUNED.value)),
        )
        .order_by(attempts.number.desc())
        .limit(NEWEST)
    ).all()
    if not ended:
        return
    first = ended[-1].number
    axis = _budget_axis(connection, study_id, first)
    values = _values(connection, study_id, first)
    for row in reversed(ended):
        yield EndedCurve(
            row.number,
            json.loads(row.params),
            Outcome(row.outcome),
            tuple(
                Report(
                    row.number,
                    1,
                    step,
                    {metric: value},
                    examples=_whole(axis.get((row.number, step, tables.EXAMPLES))),
                    fraction=axis.get((row.number, step, tables.FRACTION)),
                )
                for step, value in values[row.trial_id]
            ),
        )


def _values(
    connection: sa.Connection, study_id: int, first: int
) -> dict[int, list[tuple[int, float]]]:
    """Finite values of the objective by database id of the trial, in order of step."""
    values, trials = tables.intermediate_values.c, tables.trials.c
    query = (
        sa.select(values.trial_id, values.step, values.intermediate_value)
        .join(tables.trials, trials.trial_id == values.trial_id)
        .where(
            trials.study_id == study_id,
            trials.number >= first,
            values.intermediate_value.is_not(None),
        )
        .order_by(values.trial_id, values.step)
    )
    found: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.trial_id].append((row.step, row.intermediate_value))
    return found


def _budget_axis(
    connection: sa.Connection, study_id: int, first: int
) -> dict[tuple[int, int, str], float]:
    points = tables.points.c
    query = (
        sa.select(points.number, points.step, points.name, points.value)
        .where(
            points.study_id == study_id,
            points.number >= first,
            points.name.in_((tables.EXAMPLES, tables.FRACTION)),
        )
        .order_by(points.attempt)
    )
    return {
        (row.number, row.step, row.name): row.value
        for row in connection.execute(query)
        if row.value is not None
    }


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)
