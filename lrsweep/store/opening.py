"""Opening a study for writing: is it the one that was meant, and is the database sound?"""

from __future__ import annotations

import json
import os
import shlex
import socket
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from optuna.storages import RDBStorage
from optuna.study import StudyDirection
from sqlalchemy.exc import SQLAlchemyError

from lrsweep.errors import PlanError, StorageError, StudyMismatch
from lrsweep.plan import SweepPlan
from lrsweep.storage_url import shown
from lrsweep.store import database, tables, versions
from lrsweep.store.evolution import is_changed, refusals
from lrsweep.store.folder import check_folder, read_marker
from lrsweep.store.lock import StudyLock, making_tables


@dataclass(frozen=True, slots=True)
class OpenStudy:
    """A study in its database. One that is `older` was made before studies had an identity.

    Its space is `changed` where the run before had another.
    """

    engine: sa.Engine
    study_id: int
    identity: str
    older: bool
    changed: bool


def check_study(plan: SweepPlan) -> bool:
    """Whether the study of `plan` exists already; writes nothing.

    Raises `StudyMismatch` where it exists with another space, direction, metric or target, or its
    folder is another study's, and `PlanError` where `--storage` names no database that can be used.
    """
    file = database.sqlite_file(plan.storage)
    if file is not None and not file.exists():
        if not os.access(file.parent, os.W_OK):
            missing = "cannot be written to" if file.parent.is_dir() else "does not exist"
            raise PlanError(f"--storage {plan.storage!r}: the folder {file.parent} {missing}")
        check_folder(plan.sweep_dir, None)
        return False
    try:
        stored = _stored_study(plan)
    except SQLAlchemyError as error:
        message = database.storage_error(plan.storage, error).message
        raise PlanError(message, hint=_way_out(plan)) from error
    if file is not None and not os.access(file, os.W_OK):
        raise PlanError(f"--storage {plan.storage!r}: the file cannot be written to")
    if stored is None:
        check_folder(plan.sweep_dir, None)
        return False
    _refuse_differences(plan, stored.facts)
    check_folder(plan.sweep_dir, stored.identity, older=stored.older)
    return True


def _way_out(plan: SweepPlan) -> str | None:
    """What to do about a database that cannot be read, where the trial folders are there."""
    file = database.sqlite_file(plan.storage)
    if file is None or not read_marker(plan.sweep_dir):
        return None
    folder = shlex.quote(os.path.relpath(plan.sweep_dir))
    return (
        f"move {file.name} away, then make the study again from its trials:"
        f" lrsweep recover --dir {folder}"
    )


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
        raise database.storage_error(plan.storage, error) from error
    if lock is None:
        raise StudyMismatch(
            taken, hint="wait for it with --wait, or name another study with --study"
        )
    return lock


def open_study(plan: SweepPlan, *, create: bool) -> OpenStudy:
    """The study in its database; makes database, tables and study where they are missing.

    Raises `PlanError` where a newer lrsweep made the database, else `StorageError`.
    """
    changed = False
    try:
        with making_tables(plan.storage):
            storage = _storage(plan)
            if create:
                direction = StudyDirection[plan.direction.name]
                study_id = storage.create_new_study([direction], plan.study)
                _identify(storage.engine, study_id, plan)
                storage.set_study_user_attr(study_id, tables.PLAN_ATTRIBUTE, plan.facts())
                # What optuna-dashboard calls the objective.
                storage.set_study_system_attr(study_id, tables.METRIC_NAMES, [plan.metric])
            else:
                study_id = storage.get_study_id_from_name(plan.study)
                changed = _record_plan(storage.engine, study_id, plan)
        storage.scoped_session.remove()
        with storage.engine.connect() as connection:
            c = tables.identities.c
            row = connection.execute(
                sa.select(c.identity, c.made_at).where(c.study_id == study_id)
            ).one()
    except SQLAlchemyError as error:
        raise database.storage_error(plan.storage, error) from error
    except (RuntimeError, ImportError) as error:  # another version's schema; no driver
        raise StorageError(f"{shown(plan.storage)}: {error}") from error
    return OpenStudy(storage.engine, study_id, row.identity, row.made_at is None, changed)


def _storage(plan: SweepPlan) -> RDBStorage:
    storage = RDBStorage(plan.storage, engine_kwargs=database.connect_args(plan.storage, wait_s=5))
    database.use_write_ahead_log(storage.engine)
    # The constructor has opened connections already: have them opened again, in WAL.
    storage.scoped_session.remove()
    storage.engine.dispose()
    versions.bring_up_to_date(storage.engine, plan.storage)
    return storage


def _identify(engine: sa.Engine, study_id: int, plan: SweepPlan) -> None:
    at = time.time()
    identity = {"study_id": study_id, "identity": str(uuid.uuid4()), "made_at": at}
    facts = json.dumps(plan.facts())
    version = {"study_id": study_id, "version": 1, "recorded_at": at, "facts": facts}
    with engine.begin() as connection:
        # A study that was deleted with Optuna's tools may have had this id.
        for table in tables.OWN:
            connection.execute(table.delete().where(table.c.study_id == study_id))
        connection.execute(tables.identities.insert(), [identity])
        connection.execute(tables.plans.insert(), [version])


@dataclass(frozen=True, slots=True)
class _Stored:
    facts: Mapping[str, Any]
    identity: str | None
    older: bool


def _stored_study(plan: SweepPlan) -> _Stored | None:
    studies, attributes = tables.studies, tables.study_attributes
    named = sa.select(studies.c.study_id).where(studies.c.study_name == plan.study)
    engine = sa.create_engine(plan.storage, **database.connect_args(plan.storage))
    identity, older = None, True
    try:
        if not sa.inspect(engine).has_table("studies"):
            return None
        current = versions.is_current(engine, plan.storage)
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
            if current:
                c = tables.identities.c
                query = sa.select(c.identity, c.made_at).where(c.study_id == study_id)
                row = connection.execute(query).one_or_none()
                if row is not None:
                    identity, older = row.identity, row.made_at is None
    finally:
        engine.dispose()
    if text is None:
        raise StudyMismatch(
            f"study {plan.study!r} in {shown(plan.storage)} was not made by lrsweep",
            hint=f"name another one: --study {plan.study}-2",
        )
    return _Stored(_facts(text), identity, older)


# What studies had before it could be chosen.
_SINCE = {"objective": "last"}


def _refuse_differences(plan: SweepPlan, stored: Mapping[str, Any]) -> None:
    differences = refusals(plan, stored)
    if differences:
        raise StudyMismatch(
            f"study {plan.study!r} in {shown(plan.storage)} was made with other "
            f"settings: {'; '.join(differences)}",
            hint=f"start another study with --study {plan.study}-2, or repeat the first settings",
        )


def _record_plan(engine: sa.Engine, study_id: int, plan: SweepPlan) -> bool:
    """Keep the newest plan, and a version of it where the space has changed; whether it has."""
    attributes, c = tables.study_attributes, tables.plans.c
    own = (attributes.c.study_id == study_id) & (attributes.c.key == tables.PLAN_ATTRIBUTE)
    facts = json.dumps(plan.facts())
    with engine.begin() as connection:
        text = connection.execute(sa.select(attributes.c.value_json).where(own)).scalar_one()
        changed = is_changed(plan, _facts(text))
        connection.execute(attributes.update().where(own).values(value_json=facts))
        if changed:
            newest = sa.select(sa.func.max(c.version)).where(c.study_id == study_id)
            version = (connection.execute(newest).scalar_one() or 0) + 1
            row = {"study_id": study_id, "version": version, "recorded_at": time.time()}
            connection.execute(tables.plans.insert(), [{**row, "facts": facts}])
    return changed


def _facts(text: str) -> Mapping[str, Any]:
    """A plan as it is stored; empty where it is damaged."""
    try:
        facts = json.loads(text)
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}


def _owner(plan: SweepPlan) -> str:
    runs, studies = tables.runs, tables.studies
    query = (
        sa.select(runs.c.pid, runs.c.host)
        .join(studies, studies.c.study_id == runs.c.study_id)
        .where(studies.c.study_name == plan.study)
        .order_by(runs.c.started_at.desc())
        .limit(1)
    )
    engine = sa.create_engine(plan.storage, **database.connect_args(plan.storage))
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
