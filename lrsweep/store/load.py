"""A study read whole into memory, by a handful of queries however many trials it has."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from optuna.distributions import BaseDistribution, json_to_distribution
from optuna.storages._rdb import models
from optuna.trial import FrozenTrial, TrialState

from lrsweep.store import tables
from lrsweep.store.memory import new_trial


@dataclass(slots=True)
class LoadedStudy:
    """`trials[n]` has number n and stands in the database as `trial_ids[n]`.

    `newest_code` is the hash of the code that the newest attempt ran.
    """

    trials: list[FrozenTrial]
    trial_ids: dict[int, int]
    last_attempt: dict[int, int]
    system_attrs: dict[str, Any]
    newest_code: str

    @property
    def foreign(self) -> int:
        """How many trials others began: no sweep asked for them, and none ran them."""
        waiting = TrialState.WAITING
        return sum(
            t.number not in self.last_attempt
            and t.state is not waiting
            and tables.ASKED_ATTRIBUTE not in t.system_attrs
            for t in self.trials
        )


def load_study(connection: sa.Connection, study_id: int) -> LoadedStudy:
    """Everything that samplers and the sweep ask about: of curves, only the last point."""
    trials: dict[int, FrozenTrial] = {}  # by database id, in order of number
    for row in connection.execute(
        sa.select(tables.trials)
        .where(tables.trials.c.study_id == study_id)
        .order_by(tables.trials.c.number)
    ):
        trial = trials[row.trial_id] = new_trial(row.number)
        trial.state = TrialState[row.state]
        if trial.state.is_finished():
            trial.datetime_complete = row.datetime_complete
    _load_params(connection, study_id, trials)
    _load_values(connection, study_id, trials)
    _load_system_attributes(connection, study_id, trials)
    attempts = tables.attempts.c
    last_attempt: dict[int, int] = {}
    for row in connection.execute(
        sa.select(attempts.number, attempts.attempt)
        .where(attempts.study_id == study_id)
        .order_by(attempts.number, attempts.attempt)
    ):
        last_attempt[row.number] = row.attempt
    return LoadedStudy(
        trials=list(trials.values()),
        trial_ids={trial.number: trial_id for trial_id, trial in trials.items()},
        last_attempt=last_attempt,
        system_attrs=_system_attributes(connection, study_id),
        newest_code=_newest_code(connection, study_id),
    )


def _newest_code(connection: sa.Connection, study_id: int) -> str:
    """The hash of the code that the newest attempt ran; empty where none says."""
    c = tables.attempts.c
    newest = sa.select(c.ran).where(c.study_id == study_id, c.ran.is_not(None))
    text = connection.scalar(newest.order_by(c.started_at.desc()).limit(1))
    try:
        return str(json.loads(text or "{}").get("code", ""))
    except (ValueError, AttributeError):  # damaged
        return ""


def _of_study(table: sa.TableClause, study_id: int) -> sa.Select[Any]:
    return (
        sa.select(table)
        .join(tables.trials, tables.trials.c.trial_id == table.c.trial_id)
        .where(tables.trials.c.study_id == study_id)
    )


def _load_params(connection: sa.Connection, study_id: int, trials: dict[int, FrozenTrial]) -> None:
    for row in connection.execute(_of_study(tables.trial_params, study_id)):
        trial, kind = trials[row.trial_id], _distribution(row.distribution_json)
        # `params` and `distributions` are properties over these two; filling them is quadratic.
        trial._params[row.param_name] = kind.to_external_repr(row.param_value)
        trial._distributions[row.param_name] = kind


def _load_values(connection: sa.Connection, study_id: int, trials: dict[int, FrozenTrial]) -> None:
    kinds = models.TrialValueModel.TrialValueType
    for row in connection.execute(_of_study(tables.trial_values, study_id)):
        value = models.TrialValueModel.stored_repr_to_value(row.value, kinds[row.value_type])
        trials[row.trial_id].values = [value]
    points = tables.intermediate_values
    state = sa.cast(tables.trials.c.state, sa.String)  # PostgreSQL has a type of its own for it
    last = (
        sa.select(points.c.trial_id, sa.func.max(points.c.step).label("step"))
        .join(tables.trials, tables.trials.c.trial_id == points.c.trial_id)
        .where(tables.trials.c.study_id == study_id, state == "PRUNED")
        .group_by(points.c.trial_id)
        .subquery()
    )
    kinds_of_points = models.TrialIntermediateValueModel.TrialIntermediateValueType
    for row in connection.execute(
        sa.select(points).join(
            last, (last.c.trial_id == points.c.trial_id) & (last.c.step == points.c.step)
        )
    ):
        value = models.TrialIntermediateValueModel.stored_repr_to_intermediate_value(
            row.intermediate_value, kinds_of_points[row.intermediate_value_type]
        )
        trials[row.trial_id].intermediate_values = {row.step: value}


def _load_system_attributes(
    connection: sa.Connection, study_id: int, trials: dict[int, FrozenTrial]
) -> None:
    # Trials that someone enqueued with Optuna's own tools carry their values here, and those that
    # a sweep asked for its mark.
    table = sa.table(
        "trial_system_attributes", sa.column("trial_id"), sa.column("key"), sa.column("value_json")
    )
    keys = ("fixed_params", tables.ASKED_ATTRIBUTE, tables.REMOVED_ATTRIBUTE)
    query = _of_study(table, study_id).where(table.c.key.in_(keys))
    for row in connection.execute(query):
        trials[row.trial_id].system_attrs[row.key] = json.loads(row.value_json)


def _system_attributes(connection: sa.Connection, study_id: int) -> dict[str, Any]:
    table = sa.table(
        "study_system_attributes", sa.column("study_id"), sa.column("key"), sa.column("value_json")
    )
    attributes: dict[str, Any] = defaultdict()
    for row in connection.execute(sa.select(table).where(table.c.study_id == study_id)):
        attributes[row.key] = json.loads(row.value_json)
    return dict(attributes)


@lru_cache(maxsize=4096)
def _distribution(text: str) -> BaseDistribution:
    return json_to_distribution(text)
