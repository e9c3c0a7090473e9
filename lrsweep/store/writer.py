"""What happens in a sweep as rows: collected, then written in one transaction a flush.

Optuna's own tables are filled through its own table definitions, so that every tool that opens an
Optuna study finds this one as if Optuna had written it.
"""

from __future__ import annotations

import json
import math
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from optuna.distributions import distribution_to_json
from optuna.storages._rdb import models
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.dialects import mysql, postgresql, sqlite

from lrsweep.errors import StorageError
from lrsweep.provenance import Provenance
from lrsweep.store import tables
from lrsweep.store.database import sqlite_file, transaction
from lrsweep.store.ownership import Run
from lrsweep.store.patience import Patience
from lrsweep.trial import Ending, Job, Member, Report, TrialKey

_trials = sa.inspect(models.TrialModel).local_table
_params = sa.inspect(models.TrialParamModel).local_table
_values = sa.inspect(models.TrialValueModel).local_table
_attributes = sa.inspect(models.TrialUserAttributeModel).local_table
_intermediate = sa.inspect(models.TrialIntermediateValueModel).local_table
_system_attributes = sa.inspect(models.TrialSystemAttributeModel).local_table
_study_attributes = sa.inspect(models.StudySystemAttributeModel).local_table

Row = dict[str, Any]

# Steps that its column of Optuna's holds everywhere; ours holds those of 64 bits.
_OPTUNA_STEPS = 2**31


class Writer:
    """Pending rows of one study. `trial_ids` maps the number of a trial to its database id.

    What is to be written at once is waited for where the database is away; `flush` leaves it for
    the next time, until the patience is at its end. Then they raise `StorageError`, and at once
    where the database fails for good or the study is owned no longer; the rows are kept.
    """

    def __init__(
        self,
        engine: sa.Engine,
        url: str,
        study_id: int,
        metric: str,
        trial_ids: dict[int, int],
        run: Run,
    ) -> None:
        self._engine = engine
        self._url = url
        self._study_id = study_id
        self._metric = metric
        self._trial_ids = trial_ids
        self._run = run
        self._file = _DatabaseFile(url)
        self._statements: list[tuple[sa.Executable, list[Row]]] = []
        self._deletions: list[sa.Delete] = []
        self._objective: dict[tuple[int, int], Row] = {}
        self._points: list[Row] = []
        self._places: Counter[TrialKey] = Counter()
        self._texts: set[str] = set()
        self.patience = Patience()

    def begin_run(self) -> None:
        """Own the study from now on."""

        def write() -> None:
            with self._transaction() as connection:
                self._run.begin(connection)
            self._run.begun()

        self.patience.attempt(write, wait=True)

    def end_run(self) -> None:
        """Write what is pending, and own the study no longer."""

        def write() -> None:
            with self._transaction() as connection:
                self._write_pending(connection)
                self._run.end(connection)
            self._clear()

        self.patience.attempt(write, wait=True)

    def new_trial(self, trial: FrozenTrial) -> int:
        """Write `trial` at once, since the database gives it its id; the number it has there.

        That is another than its own where somebody else has added trials meanwhile.
        """
        written: list[tuple[int, int]] = []

        def write() -> None:
            with self._transaction() as connection:
                written[:] = [self._write_trial(connection, trial)]

        self.patience.attempt(write, wait=True)
        number, trial_id = written[0]
        self._trial_ids[number] = trial_id
        return number

    def _write_trial(self, connection: sa.Connection, trial: FrozenTrial) -> tuple[int, int]:
        self._run.go_on(connection)  # on SQLite it keeps others from writing
        known = self._trial_ids.get(trial.number)
        number = trial.number
        if known is None:
            own = tables.studies.c.study_id == self._study_id
            connection.execute(sa.select(tables.studies.c.study_id).where(own).with_for_update())
            of_study = _trials.c.study_id == self._study_id
            query = sa.select(sa.func.count(), sa.func.max(_trials.c.number)).where(of_study)
            count, highest = connection.execute(query).one()
            number = count if highest is None else max(count, highest + 1)
        row = {
            "number": number,
            "study_id": self._study_id,
            "state": TrialState.RUNNING,
            "datetime_start": _utc(time.time()),
        }
        if known is None:
            inserted = connection.execute(_trials.insert().values(row)).inserted_primary_key
            assert inserted is not None
            known = inserted[0]
        else:  # enqueued with Optuna's own tools
            connection.execute(_trials.update().where(_trials.c.trial_id == known).values(row))
        mark = {"trial_id": known, "key": tables.ASKED_ATTRIBUTE, "value_json": "true"}
        connection.execute(upsert(self._engine, _system_attributes, mark), [mark])
        if trial.params:
            connection.execute(_params.insert(), _param_rows(known, trial))
        return number, known

    def attempt_started(self, job: Job, member: Member, at: float, ran: Provenance) -> None:
        row = {
            "study_id": self._study_id,
            "number": member.key.trial,
            "attempt": member.key.attempt,
            "params": json.dumps(dict(member.params)),
            "seed": member.seed,
            "started_at": at,
            "reason": "",
            "command": json.dumps(list(job.argv)),
            "folder": member.folder,
            "slot": job.slot.device,
            "device_kind": job.slot.kind,
            "ran": json.dumps(ran.facts(job.slot.device)),
        }
        if ran.diff and ran.digest not in self._texts:
            text = {"digest": ran.digest, "text": ran.diff}
            self._statements.append((upsert(self._engine, tables.texts, text), [text]))
            self._texts.add(ran.digest)
        self._statements.append((tables.attempts.insert(), [row]))

    def attempt_ended(self, ending: Ending) -> None:
        c = tables.attempts.c
        statement = tables.attempts.update().where(
            c.study_id == self._study_id,
            c.number == ending.key.trial,
            c.attempt == ending.key.attempt,
        )
        row = {
            "outcome": ending.outcome.value,
            "value": _finite(ending.value),
            "ended_at": ending.at,
            "exit_code": ending.exit_code,
            "reason": ending.reason,
        }
        self._statements.append((statement, [row]))

    def observed(self, key: TrialKey, facts: Mapping[str, Any]) -> None:
        """What was seen of the training of an attempt, in all."""
        c = tables.attempts.c
        at_attempt = (c.study_id == self._study_id, c.number == key.trial, c.attempt == key.attempt)
        row = {"observed": json.dumps(facts)}
        self._statements.append((tables.attempts.update().where(*at_attempt), [row]))

    def state(self, number: int, state: TrialState, at: float) -> None:
        columns: Row = {"state": state}
        if state.is_finished():
            columns["datetime_complete"] = _utc(at)
        elif state is TrialState.RUNNING:
            columns["datetime_start"] = _utc(at)
        elif state is TrialState.WAITING:
            columns["datetime_complete"] = None
        statement = _trials.update().where(_trials.c.trial_id == self._trial_ids[number])
        self._statements.append((statement, [columns]))

    def reopened(self, number: int) -> None:
        """A trial that had failed waits again; what was said of its end is void."""
        c = _attributes.c
        self._deletions.append(_attributes.delete().where(c.trial_id == self._trial_ids[number]))
        self.state(number, TrialState.WAITING, time.time())

    def told(self, trial: FrozenTrial, attributes: Mapping[str, Any], at: float) -> None:
        """A trial got its final state, value and attributes."""
        trial_id = self._trial_ids[trial.number]
        if trial.values:
            stored, kind = models.TrialValueModel.value_to_stored_repr(trial.values[0])
            row = {"trial_id": trial_id, "objective": 0, "value": stored, "value_type": kind}
            self._statements.append((upsert(self._engine, _values, row), [row]))
        rows = [
            {"trial_id": trial_id, "key": key, "value_json": json.dumps(value)}
            for key, value in attributes.items()
        ]
        self._statements.append((upsert(self._engine, _attributes, rows[0]), rows))
        self.state(trial.number, trial.state, at)

    def report(self, report: Report) -> None:
        """Keep every number of a report; of a step reported twice Optuna keeps the newest."""
        key = TrialKey(report.trial, report.attempt)
        self._places[key] += 1
        objective = report.metrics.get(self._metric)
        if objective is not None and -_OPTUNA_STEPS <= report.step < _OPTUNA_STEPS:
            convert = models.TrialIntermediateValueModel.intermediate_value_to_stored_repr
            stored, kind = convert(objective)
            self._objective[report.trial, report.step] = {
                "trial_id": self._trial_ids[report.trial],
                "step": report.step,
                "intermediate_value": stored,
                "intermediate_value_type": kind,
            }
        numbers: dict[str, float | None] = {
            **report.metrics,
            tables.EXAMPLES: report.examples,
            tables.FRACTION: report.fraction,
        }
        self._points += [
            {
                "study_id": self._study_id,
                "number": key.trial,
                "attempt": key.attempt,
                "name": name,
                "place": self._places[key],
                "step": report.step,
                "value": None if math.isnan(value) else value,
            }
            for name, value in numbers.items()
            if value is not None
        ]

    def forget(self, key: TrialKey) -> None:
        """Drop every point of an attempt, as they are in the database now: they come again."""
        self._places[key] = 0
        c = tables.points.c
        self._deletions.append(
            tables.points.delete().where(
                c.study_id == self._study_id, c.number == key.trial, c.attempt == key.attempt
            )
        )

    def forget_metric(self, key: TrialKey, name: str) -> None:
        """Drop every point of one metric of an attempt: a surer source of it was found."""
        c = tables.points.c
        self._deletions.append(
            tables.points.delete().where(
                c.study_id == self._study_id,
                c.number == key.trial,
                c.attempt == key.attempt,
                c.name == name,
            )
        )
        self._points = [
            row
            for row in self._points
            if (row["number"], row["attempt"], row["name"]) != (key.trial, key.attempt, name)
        ]
        if name == self._metric:
            self._objective = {at: r for at, r in self._objective.items() if at[0] != key.trial}
            at_trial = _intermediate.c.trial_id == self._trial_ids[key.trial]
            self._deletions.append(_intermediate.delete().where(at_trial))

    def forget_from(self, number: int, step: int) -> None:
        """Drop the objective's curve at `step` and after it, as it is in the database now."""
        c = _intermediate.c
        at_trial = c.trial_id == self._trial_ids[number]
        self._deletions.append(_intermediate.delete().where(at_trial, c.step >= step))

    def sampler_state(self, attributes: Mapping[str, Any]) -> None:
        """What samplers keep in the study's system attributes (where a sequence stands)."""
        for key, value in attributes.items():
            row = {"study_id": self._study_id, "key": key, "value_json": json.dumps(value)}
            self._statements.append((upsert(self._engine, _study_attributes, row), [row]))

    def flush(self, *, now: bool = False) -> None:
        """Write everything that is pending, in one transaction; `now` where it must be written."""

        def write() -> None:
            with self._transaction() as connection:
                self._run.go_on(connection)
                self._write_pending(connection)
            self._clear()

        self.patience.attempt(write, wait=now)

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        self._file.check()
        with transaction(self._engine, self._url) as connection:
            yield connection

    def _write_pending(self, connection: sa.Connection) -> None:
        for deletion in self._deletions:
            connection.execute(deletion)
        if self._objective:
            pending = list(self._objective.values())
            connection.execute(upsert(self._engine, _intermediate, pending[0]), pending)
        if self._points:
            connection.execute(tables.points.insert(), self._points)
        for statement, rows in self._statements:
            connection.execute(statement, rows)

    def _clear(self) -> None:
        self._deletions.clear()
        self._objective.clear()
        self._points.clear()
        self._statements.clear()


class _DatabaseFile:
    """The file of a SQLite database, which somebody may take away while it is open."""

    def __init__(self, url: str) -> None:
        self._path = sqlite_file(url)
        self._number = self._look()

    def check(self) -> None:
        """Raises `StorageError` where the file that was opened is no longer there."""
        found = self._look()
        if self._path is None or found == self._number:
            return
        what = "has been removed" if found is None else "has been replaced by another file"
        raise StorageError(
            f"the study database {self._path} {what}",
            hint="the trial folders hold what trials reported: lrsweep recover --help",
        )

    def _look(self) -> tuple[int, int] | None:
        try:
            found = None if self._path is None else self._path.stat()
        except FileNotFoundError:
            return None
        return None if found is None else (found.st_dev, found.st_ino)


def _param_rows(trial_id: int, trial: FrozenTrial) -> list[Row]:
    return [
        {
            "trial_id": trial_id,
            "param_name": label,
            "param_value": trial.distributions[label].to_internal_repr(value),
            "distribution_json": distribution_to_json(trial.distributions[label]),
        }
        for label, value in trial.params.items()
    ]


def upsert(engine: sa.Engine, table: sa.Table, row: Row) -> sa.Executable:
    """An insert of rows shaped like `row` that replaces those whose unique key exists."""
    keys = next(
        (
            [c.name for c in constraint.columns]
            for constraint in table.constraints
            if isinstance(constraint, sa.UniqueConstraint)
        ),
        [c.name for c in table.primary_key.columns],
    )
    changed = [name for name in row if name not in keys]
    if engine.dialect.name in ("mysql", "mariadb"):
        into = mysql.insert(table)
        return into.on_duplicate_key_update({c: into.inserted[c] for c in changed})
    insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table)
    return statement.on_conflict_do_update(
        index_elements=keys, set_={c: statement.excluded[c] for c in changed}
    )


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _utc(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC).replace(tzinfo=None)
