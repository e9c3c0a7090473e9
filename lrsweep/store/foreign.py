"""Studies that another program made with Optuna, read as far as they go.

What Optuna's own tables hold is there: parameters, states, values, intermediate values. What only
lrsweep records (commands, folders, reasons, further metrics) is empty. Of several objectives the
first is read.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from lrsweep.errors import SpaceError
from lrsweep.space import Choice, Float, Int, Parameter, Space
from lrsweep.store import tables
from lrsweep.trial import Curve, Direction, Outcome, ParamValue, StudyRows, TrialRow

Query = Callable[[sa.Select[Any]], list[Any]]

_UNNAMED = "value"
_OUTCOMES = {
    "COMPLETE": Outcome.COMPLETED,
    "PRUNED": Outcome.PRUNED,
    "FAIL": Outcome.CRASHED,
}
_SPECIAL = {"INF_POS": math.inf, "INF_NEG": -math.inf, "NAN": math.nan}


def study_names(query: Query) -> dict[str, int]:
    """Every study of the database and its id, the one with the newest trial first."""
    studies, trials = tables.studies.c, tables.trials.c
    newest = sa.func.max(trials.datetime_start)
    found = query(
        sa.select(studies.study_name, studies.study_id, newest.label("newest"))
        .select_from(tables.studies.outerjoin(tables.trials, trials.study_id == studies.study_id))
        .group_by(studies.study_name, studies.study_id)
        .order_by(newest.is_(None), newest.desc(), studies.study_id.desc())
    )
    return {row.study_name: row.study_id for row in found}


def read_study(query: Query, study_id: int, name: str, storage: str) -> StudyRows:
    """The study as rows."""
    metric = _metric(query, study_id)
    direction = _direction(query, study_id)
    params, space = _params(query, study_id)
    trials = tuple(_trials(query, study_id, params, direction))
    started = [t.started_at for t in trials if t.started_at is not None]
    return StudyRows(
        name=name,
        storage=storage,
        metric=metric,
        direction=direction,
        space=space,
        created_at=min(started, default=None),
        wall_s=math.fsum(trial.wall_s or 0.0 for trial in trials),
        trials=trials,
    )


def read_curve(query: Query, study_id: int, number: int) -> Curve:
    """The intermediate values of a trial, by step."""
    values, trials = tables.intermediate_values, tables.trials
    rows = query(
        sa.select(values)
        .join(trials, trials.c.trial_id == values.c.trial_id)
        .where(trials.c.study_id == study_id, trials.c.number == number)
        .order_by(values.c.step)
    )
    points = [_SPECIAL.get(r.intermediate_value_type, r.intermediate_value) for r in rows]
    return Curve(_metric(query, study_id), tuple(row.step for row in rows), tuple(points))


def _metric(query: Query, study_id: int) -> str:
    attributes = tables.study_system_attributes.c
    found = query(
        sa.select(attributes.value_json).where(
            attributes.study_id == study_id, attributes.key == tables.METRIC_NAMES
        )
    )
    names = _loaded(found[0].value_json) if found else None
    first = names[0] if isinstance(names, list) and names else _UNNAMED
    return str(first)


def _direction(query: Query, study_id: int) -> Direction:
    c = tables.directions.c
    found = query(sa.select(c.direction).where(c.study_id == study_id).order_by(c.objective))
    maximized = bool(found) and found[0].direction == "MAXIMIZE"
    return Direction.MAXIMIZE if maximized else Direction.MINIMIZE


def _params(
    query: Query, study_id: int
) -> tuple[dict[int, dict[str, ParamValue]], tuple[str, ...]]:
    """The parameters of each trial, by its id, and the space that they were drawn from."""
    params, trials = tables.trial_params.c, tables.trials.c
    rows = query(
        sa.select(params.trial_id, params.param_name, params.param_value, params.distribution_json)
        .join(tables.trials, trials.trial_id == params.trial_id)
        .where(trials.study_id == study_id)
        .order_by(trials.number, params.param_id)
    )
    values: dict[int, dict[str, ParamValue]] = {}
    space: dict[str, Parameter] = {}
    for row in rows:
        drawn = _loaded(row.distribution_json)
        given = drawn.get("attributes", {}) if isinstance(drawn, Mapping) else {}
        values.setdefault(row.trial_id, {})[row.param_name] = _value(given, row.param_value)
        if (parameter := _parameter(row.param_name, given)) is not None:
            space[row.param_name] = parameter
    return values, tuple(_readable(space.values()))


def _value(given: Mapping[str, Any], stored: float) -> ParamValue:
    """What a parameter was: choices are stored by their place."""
    choices = given.get("choices")
    if choices is not None:
        chosen = choices[int(stored)] if 0 <= int(stored) < len(choices) else stored
        return chosen if isinstance(chosen, bool | int | float | str | None) else str(chosen)
    whole = all(isinstance(given.get(end), int) for end in ("low", "high"))
    return int(stored) if whole else stored


def _parameter(name: str, given: Mapping[str, Any]) -> Parameter | None:
    try:
        if (choices := given.get("choices")) is not None:
            return Choice(name, tuple(choices))
        low, high, log = given["low"], given["high"], bool(given.get("log"))
        if isinstance(low, int) and isinstance(high, int):
            return Int(name, low, high, log=log)
        return Float(name, low, high, log=log)
    except (SpaceError, KeyError, TypeError, ValueError):
        return None


def _readable(parameters: Any) -> Iterator[str]:
    """Those that our grammar can say."""
    for parameter in parameters:
        try:
            Space.parse([str(parameter)])
        except SpaceError:
            continue
        yield str(parameter)


def _trials(
    query: Query,
    study_id: int,
    params: Mapping[int, Mapping[str, ParamValue]],
    direction: Direction,
) -> Iterator[TrialRow]:
    trials, values = tables.trials.c, tables.trial_values.c
    rows = query(
        sa.select(tables.trials, values.value, values.value_type)
        .select_from(
            tables.trials.outerjoin(
                tables.trial_values,
                (values.trial_id == trials.trial_id) & (values.objective == 0),
            )
        )
        .where(trials.study_id == study_id)
        .order_by(trials.number)
    )
    for row in rows:
        outcome = _OUTCOMES.get(row.state)
        value = _SPECIAL.get(row.value_type, row.value)
        if outcome is Outcome.COMPLETED and value == direction.worst:
            outcome = Outcome.DIVERGED
        yield TrialRow(
            number=row.number,
            outcome=outcome,
            params=dict(params.get(row.trial_id, {})),
            value=value,
            started_at=_time(row.datetime_start),
            wall_s=_between(row.datetime_start, row.datetime_complete),
        )


def _between(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else (end - start).total_seconds()


def _time(at: datetime | None) -> datetime | None:
    """Optuna stores local time without its zone."""
    return None if at is None else at.astimezone(UTC)


def _loaded(text: str | None) -> Any:
    try:
        return json.loads(text or "null")
    except ValueError:
        return None
