"""The read-only side: studies as rows, for reports. Never imports Optuna."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from lrsweep.errors import NotFound, StorageError
from lrsweep.protocol import OBSERVED
from lrsweep.storage_url import shown
from lrsweep.store import database, foreign, tables, versions
from lrsweep.store.lock import StudyLock, making_tables
from lrsweep.store.points import POINT, continued
from lrsweep.trial import Curve, Direction, Outcome, StudyRows, TrialRow, Verdict

_BUDGET_AXIS = (tables.EXAMPLES, tables.FRACTION)
_AT_A_TIME = 5000
_IN_A_PLAN = {"metric", "space", "target", "sampler", "pruner", "sweep_command"}


@dataclass(frozen=True, slots=True)
class _Foreign:
    """A study that lrsweep did not make, or whose plan cannot be read."""

    study_id: int
    study_name: str


class StudyReader:
    """Reads the studies of one database. A context manager.

    Raises `NotFound` where database, study or trial do not exist, and `StorageError` where the
    database cannot be read.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        file = database.sqlite_file(url)
        if file is not None and not file.is_file():
            raise NotFound(
                f"there is no study database {shown(url)}",
                hint="run a sweep here first (lrsweep run), or name another with --storage",
            )
        read_only = url if file is None else f"sqlite:///file:{file}?mode=ro&uri=true"
        self._engine = sa.create_engine(read_only, **database.connect_args(url))

    def __enter__(self) -> StudyReader:
        return self

    def __exit__(self, *_error: object) -> None:
        self._engine.dispose()

    def names(self) -> tuple[str, ...]:
        """The names of all studies, the newest first, those that others made last."""
        return tuple(row.study_name for row in self._every_study())

    def studies(self) -> tuple[StudyRows, ...]:
        """Every study, in the order of `names`."""
        return tuple(self._rows(row) for row in self._every_study())

    def study(self, name: str | None = None, *, metrics: bool = True) -> StudyRows:
        """The study `name`, or the newest; without final metrics where `metrics` is False."""
        return self._rows(self._find(name), metrics)

    def identity(self, name: str) -> str | None:
        """The identity of the study `name`; None where another program made it."""
        study = self._find(name)
        if isinstance(study, _Foreign):
            return None
        c = tables.identities.c
        found = self._query(sa.select(c.identity).where(c.study_id == study.study_id))
        return str(found[0].identity) if found else None

    def curves(self, name: str | None, number: int) -> tuple[Curve, ...]:
        """The curves of a trial, the objective's first.

        An attempt that went on from a checkpoint continues those of the attempt before.
        """
        study = self._find(name)
        if isinstance(study, _Foreign):
            return (foreign.read_curve(self._query, study.study_id, number),)
        metric = json.loads(study.value_json)["metric"]
        c = tables.points.c
        rows = self._query(
            sa.select(*POINT)
            .where(c.study_id == study.study_id, c.number == number)
            .order_by(c.attempt, c.place, c.name)
        )
        curves = continued(rows)
        axis = {
            name: {point.report: point.value for point in curves.pop(name, ())}
            for name in _BUDGET_AXIS
        }
        examples, fractions = axis.values()
        named = {metric: curves.pop(metric, []), **dict(sorted(curves.items()))}
        return tuple(
            Curve(
                name,
                tuple(point.step for point in curve),
                tuple(point.value for point in curve),
                tuple(examples.get(point.report) for point in curve),
                tuple(fractions.get(point.report) for point in curve),
            )
            for name, curve in named.items()
        )

    def verdict(self, name: str | None, number: int) -> Verdict | None:
        """Why a rule stopped a trial; None where none did."""
        attributes, trials = tables.trial_attributes, tables.trials
        rows = self._query(
            sa.select(attributes.c.value_json)
            .join(trials, trials.c.trial_id == attributes.c.trial_id)
            .where(
                trials.c.study_id == self._find(name).study_id,
                trials.c.number == number,
                attributes.c.key == tables.VERDICT_ATTRIBUTE,
            )
        )
        if not rows:
            return None
        said = json.loads(rows[0].value_json)
        numbers = {key: float(value) for key, value in said["numbers"].items()}
        return Verdict(said["rule"], said["sentence"], numbers)

    def curves_by_trial(
        self, name: str, metrics: Collection[str], numbers: Collection[int] | None = None
    ) -> Iterator[tuple[int, dict[str, Curve]]]:
        """The curves of `metrics` of the trials `numbers` (None: of all), a trial at a time.

        In order of number; a trial that reported none of `metrics` is left out. Without the budget
        axis.
        """
        study = self._find(name)
        if isinstance(study, _Foreign):
            return
        c = tables.points.c
        query = (
            sa.select(*POINT)
            .where(c.study_id == study.study_id, c.name.in_(metrics), _is_among(c.number, numbers))
            .order_by(c.number, c.attempt, c.place)
        )
        for number, rows in groupby(self._stream(query), key=itemgetter(0)):
            curves = {
                metric: Curve(metric, tuple(p.step for p in points), tuple(p.value for p in points))
                for metric, points in continued(rows).items()
            }
            yield number, curves

    def _query(self, query: sa.Select[Any]) -> list[Any]:
        try:
            with self._engine.connect() as connection:
                return list(connection.execute(query))
        except SQLAlchemyError as error:
            raise database.storage_error(self._url, error) from error

    def _stream(self, query: sa.Select[Any]) -> Iterator[Any]:
        """The rows of `query`, some thousands in memory at a time."""
        try:
            with self._engine.connect() as connection:
                yield from connection.execute(query, execution_options={"yield_per": _AT_A_TIME})
        except SQLAlchemyError as error:
            raise database.storage_error(self._url, error) from error

    def _studies(self) -> list[Any]:
        studies, attributes, runs = tables.studies, tables.study_attributes, tables.runs
        directions = tables.directions
        try:
            has_tables = sa.inspect(self._engine).has_table(runs.name)
        except SQLAlchemyError as error:
            raise database.storage_error(self._url, error) from error
        if not has_tables:
            return []
        self._bring_up_to_date()
        activity = (
            sa.select(
                runs.c.study_id,
                sa.func.min(runs.c.started_at).label("created_at"),
                sa.func.max(runs.c.seen_at).label("seen_at"),
                sa.func.sum(runs.c.seen_at - runs.c.started_at).label("wall_s"),
            )
            .group_by(runs.c.study_id)
            .subquery()
        )
        return self._query(
            sa.select(
                studies.c.study_id,
                studies.c.study_name,
                directions.c.direction,
                attributes.c.value_json,
                activity.c.created_at,
                activity.c.wall_s,
            )
            .join(directions, directions.c.study_id == studies.c.study_id)
            .join(attributes, attributes.c.study_id == studies.c.study_id)
            .join(activity, activity.c.study_id == studies.c.study_id)
            .where(attributes.c.key == tables.PLAN_ATTRIBUTE)
            .order_by(activity.c.seen_at.desc(), studies.c.study_id.desc())
        )

    def _every_study(self) -> list[Any]:
        """Ours, then those that another program made with Optuna."""
        own = [row for row in self._studies() if _is_plan(row.value_json)]
        try:
            if not sa.inspect(self._engine).has_table(tables.trials.name):
                return own
        except SQLAlchemyError as error:
            raise database.storage_error(self._url, error) from error
        known = {row.study_name for row in own}
        others = foreign.study_names(self._query)
        return own + [_Foreign(id_, name) for name, id_ in others.items() if name not in known]

    def _bring_up_to_date(self) -> None:
        if not versions.is_older(self._engine, self._url):
            return
        with making_tables(self._url):
            for row in self._query(sa.select(tables.studies.c.study_name)):
                lock = StudyLock.acquire(self._url, row.study_name, wait=False)
                if lock is None:
                    raise StorageError(
                        f"an older lrsweep is running study {row.study_name!r} in"
                        f" {shown(self._url)}: wait for its end"
                    )
                lock.release()
            engine = sa.create_engine(self._url, **database.connect_args(self._url))
            try:
                versions.bring_up_to_date(engine, self._url)
            except SQLAlchemyError as error:
                raise database.storage_error(self._url, error) from error
            finally:
                engine.dispose()

    def _find(self, name: str | None) -> Any:
        rows = self._every_study()
        for row in rows:
            if name is None or row.study_name == name:
                return row
        where = shown(self._url)
        if not rows:
            raise NotFound(f"there is no study in {where} yet", hint="run a sweep: lrsweep run")
        known = ", ".join(row.study_name for row in rows)
        raise NotFound(f"there is no study {name!r} in {where}; there are: {known}")

    def _rows(self, study: Any, metrics: bool = True) -> StudyRows:
        if isinstance(study, _Foreign):
            where = shown(self._url)
            return foreign.read_study(self._query, study.study_id, study.study_name, where)
        plan = json.loads(study.value_json)
        direction = Direction(study.direction.lower())
        return StudyRows(
            name=study.study_name,
            storage=shown(self._url),
            metric=plan["metric"],
            direction=direction,
            space=tuple(plan["space"]),
            target=plan["target"],
            sampler=plan["sampler"],
            pruner=plan["pruner"],
            sweep_command=self._newest_command(study.study_id) or tuple(plan["sweep_command"]),
            created_at=_time(study.created_at),
            wall_s=study.wall_s,
            trials=self._trials(study.study_id, direction),
            metrics=self._final_metrics(study.study_id, plan["metric"]) if metrics else {},
            shown=tuple(plan.get("show_metric", ())),
        )

    def _newest_command(self, study_id: int) -> tuple[str, ...]:
        """What was typed to run this study last."""
        runs = tables.runs.c
        found = self._query(
            sa.select(runs.command)
            .where(runs.study_id == study_id)
            .order_by(runs.started_at.desc())
            .limit(1)
        )
        return tuple(json.loads(found[0].command)) if found else ()

    def _trials(self, study_id: int, direction: Direction) -> tuple[TrialRow, ...]:
        attempts = tables.attempts
        newest: dict[int, TrialRow] = {}
        for row in self._query(
            sa.select(attempts)
            .where(attempts.c.study_id == study_id)
            .order_by(attempts.c.number, attempts.c.attempt)
        ):
            newest[row.number] = _trial_row(row, direction)
        return tuple(newest.values())

    def _final_metrics(self, study_id: int, objective: str) -> Mapping[int, Mapping[str, float]]:
        c = tables.points.c
        last = (
            sa.select(c.number, c.attempt, c.name, sa.func.max(c.place).label("place"))
            .where(c.study_id == study_id, c.name.not_in((*_BUDGET_AXIS, objective)))
            # Of what was seen, only the loss has a final value worth a column.
            .where(c.name.not_like(f"{OBSERVED}%") | (c.name == f"{OBSERVED}train_loss"))
            .group_by(c.number, c.attempt, c.name)
            .subquery()
        )
        query = (
            sa.select(c.number, c.name, c.value)
            .join(
                last,
                (c.number == last.c.number)
                & (c.attempt == last.c.attempt)
                & (c.name == last.c.name)
                & (c.place == last.c.place),
            )
            .where(c.study_id == study_id)
            .order_by(c.number, c.attempt)
        )
        metrics: dict[int, dict[str, float]] = defaultdict(dict)
        for row in self._query(query):
            metrics[row.number][row.name] = math.nan if row.value is None else row.value
        return dict(metrics)


def _is_plan(text: str) -> bool:
    """Whether a study's attribute is a plan that can be read; a damaged one is none."""
    try:
        plan = json.loads(text)
    except ValueError:
        return False
    return isinstance(plan, dict) and plan.keys() >= _IN_A_PLAN


def _is_among(column: sa.ColumnElement[int], numbers: Collection[int] | None) -> Any:
    return sa.true() if numbers is None else column.in_(numbers)


def _trial_row(row: Any, direction: Direction) -> TrialRow:
    outcome = None if row.outcome is None else Outcome(row.outcome)
    value = row.value
    if outcome in (Outcome.DIVERGED, Outcome.OUT_OF_MEMORY):
        value = direction.worst
    return TrialRow(
        number=row.number,
        outcome=outcome,
        params=json.loads(row.params),
        value=value,
        attempt=row.attempt,
        seed=row.seed,
        started_at=_time(row.started_at),
        wall_s=None if row.ended_at is None else row.ended_at - row.started_at,
        exit_code=row.exit_code,
        reason=row.reason or "",
        command=tuple(json.loads(row.command)),
        folder=row.folder,
        slot=row.slot,
        observed=json.loads(row.observed) if row.observed else {},
    )


def _time(at: float | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at, UTC)
