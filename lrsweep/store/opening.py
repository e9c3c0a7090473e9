"""Opening a study for writing: is it the one that was meant, and is the database sound?"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from optuna.storages import RDBStorage
from optuna.study import StudyDirection
from sqlalchemy.exc import SQLAlchemyError

from lrsweep.errors import PlanError, StorageError, StudyMismatch
from lrsweep.plan import SweepPlan
from lrsweep.space import Space
from lrsweep.store import tables
from lrsweep.store.lock import StudyLock


def check_study(plan: SweepPlan) -> bool:
    """Whether the study of `plan` exists already; writes nothing.

    Raises `StudyMismatch` where it exists with another space, direction, metric or target, and
    `PlanError` where `--storage` names no database that can be used.
    """
    file = tables.sqlite_file(plan.storage)
    if file is not None and not file.exists():
        if not os.access(file.parent, os.W_OK):
            missing = "cannot be written to" if file.parent.is_dir() else "does not exist"
            raise PlanError(f"--storage {plan.storage!r}: the folder {file.parent} {missing}")
        return False
    try:
        stored = _stored_plan(plan)
    except SQLAlchemyError as error:
        raise PlanError(tables.storage_error(plan.storage, error).message) from error
    if file is not None and not os.access(file, os.W_OK):
        raise PlanError(f"--storage {plan.storage!r}: the file cannot be written to")
    if stored is not None:
        _refuse_differences(plan, stored)
    return stored is not None


def own_study(plan: SweepPlan, waiting: Callable[[str], None] | None = None) -> StudyLock:
    """The lock on the study of `plan`.

    Where another sweep holds it, tells `waiting` so and waits for its end; without `waiting`,
    raises `StudyMismatch`.
    """
    try:
        lock = StudyLock.acquire(plan.storage, plan.study, wait=False)
        if lock is not None:
            return lock
        taken = f"study {plan.study!r} is being run by another lrsweep{_owner(plan)}"
        if waiting is not None:
            waiting(taken)
            lock = StudyLock.acquire(plan.storage, plan.study, wait=True)
    except SQLAlchemyError as error:
        raise tables.storage_error(plan.storage, error) from error
    if lock is None:
        raise StudyMismatch(
            taken, hint="wait for it with --wait, or name another study with --study"
        )
    return lock


def open_engine(plan: SweepPlan, *, create: bool) -> tuple[sa.Engine, int]:
    """The engine and the study's id; makes database, tables and study where they are missing."""
    try:
        storage = RDBStorage(plan.storage, engine_kwargs=tables.connect_args(plan.storage))
        tables.use_write_ahead_log(storage.engine)
        # The constructor has opened connections already: have them opened anew, in WAL.
        storage.scoped_session.remove()
        storage.engine.dispose()
        tables.metadata.create_all(storage.engine)
        if create:
            direction = StudyDirection[plan.direction.name]
            study_id = storage.create_new_study([direction], plan.study)
            _forget(storage.engine, study_id)
            storage.set_study_user_attr(study_id, tables.PLAN_ATTRIBUTE, plan.facts())
        else:
            study_id = storage.get_study_id_from_name(plan.study)
    except SQLAlchemyError as error:
        raise tables.storage_error(plan.storage, error) from error
    except (RuntimeError, ImportError) as error:  # another version's schema; no driver
        raise StorageError(f"{tables.display_url(plan.storage)}: {error}") from error
    storage.scoped_session.remove()
    return storage.engine, study_id


def _forget(engine: sa.Engine, study_id: int) -> None:
    # A study that was deleted with Optuna's tools may have had this id.
    with engine.begin() as connection:
        for table in (tables.attempts, tables.points, tables.runs):
            connection.execute(table.delete().where(table.c.study_id == study_id))


def _stored_plan(plan: SweepPlan) -> Mapping[str, Any] | None:
    studies, attributes = tables.studies, tables.study_attributes
    named = sa.select(studies.c.study_id).where(studies.c.study_name == plan.study)
    engine = sa.create_engine(plan.storage, **tables.connect_args(plan.storage))
    try:
        if not sa.inspect(engine).has_table("studies"):
            return None
        with engine.connect() as connection:
            study_id = connection.execute(named).scalar_one_or_none()
            if study_id is None:
                return None
            text = connection.execute(
                sa.select(attributes.c.value_json).where(
                    attributes.c.study_id == study_id,
                    attributes.c.key == tables.PLAN_ATTRIBUTE,
                )
            ).scalar_one_or_none()
    finally:
        engine.dispose()
    if text is None:
        raise StudyMismatch(
            f"study {plan.study!r} in {tables.display_url(plan.storage)} was not made by lrsweep",
            hint=f"name another one: --study {plan.study}-2",
        )
    stored: Mapping[str, Any] = json.loads(text)
    return stored


def _refuse_differences(plan: SweepPlan, stored: Mapping[str, Any]) -> None:
    differences = [
        *plan.space.differences(Space.parse(stored["space"])),
        *(
            f"the {what} was {stored.get(what)} and is now {now}"
            for what, now in plan.identity().items()
            if stored.get(what) != now
        ),
    ]
    if differences:
        raise StudyMismatch(
            f"study {plan.study!r} in {tables.display_url(plan.storage)} was made with other "
            f"settings: {'; '.join(differences)}",
            hint=f"start another study with --study {plan.study}-2, or repeat the first settings",
        )


def _owner(plan: SweepPlan) -> str:
    runs, studies = tables.runs, tables.studies
    query = (
        sa.select(runs.c.pid, runs.c.host)
        .join(studies, studies.c.study_id == runs.c.study_id)
        .where(studies.c.study_name == plan.study)
        .order_by(runs.c.started_at.desc())
        .limit(1)
    )
    engine = sa.create_engine(plan.storage, **tables.connect_args(plan.storage))
    try:
        with engine.connect() as connection:
            row = connection.execute(query).first()
    except SQLAlchemyError:  # it has just been started and its tables are not there yet
        return ""
    finally:
        engine.dispose()
    if row is None:
        return ""
    here = " on this host" if row.host == socket.gethostname() else f" on {row.host}"
    return f", process {row.pid}{here}"
