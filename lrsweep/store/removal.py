"""Removing a study, or trials of it, with what they left in their folders."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import optuna
import sqlalchemy as sa
from optuna.storages import RDBStorage
from optuna.storages._rdb import models
from optuna.trial import TrialState
from sqlalchemy.exc import SQLAlchemyError

from lrsweep.errors import NotFound, StorageError, StudyMismatch
from lrsweep.protocol import TrialFolder
from lrsweep.store import database, tables
from lrsweep.store.folder import claim_folder, read_marker
from lrsweep.store.lock import StudyLock
from lrsweep.store.ownership import refuse_living_owner
from lrsweep.store.read import StudyReader
from lrsweep.store.writer import upsert

_OF_TRIAL = (
    models.TrialParamModel,
    models.TrialValueModel,
    models.TrialIntermediateValueModel,
    models.TrialUserAttributeModel,
)


@dataclass(frozen=True, slots=True)
class Doomed:
    """What is to be removed. `folders` are those of trials, `sweep_dir` the one they lie in.

    `sweep_dir` is None where trials alone are removed, or the folder is not this study's.
    """

    study: str
    trials: tuple[int, ...]
    folders: tuple[Path, ...]
    sweep_dir: Path | None


def plan_removal(url: str, study: str, numbers: Sequence[int] = ()) -> Doomed:
    """What `remove` would remove: the `study`, or where there are `numbers`, those trials.

    Raises `NotFound` where there is no such study or trial.
    """
    with StudyReader(url) as reader:
        rows = reader.study(study)
        identity = reader.identity(study)
    by_number = {trial.number: trial for trial in rows.trials}
    unknown = [number for number in numbers if number not in by_number]
    if unknown:
        highest = max(by_number, default=None)
        there = "it has none" if highest is None else f"they go from 0 to {highest}"
        raise NotFound(f"study {study!r} has no trial {unknown[0]}: {there}")
    if numbers and identity is None:
        raise StudyMismatch(
            f"study {study!r} was not made by lrsweep: its trials are its maker's",
            hint="remove the whole study, or use Optuna's own tools",
        )
    chosen = tuple(numbers) or tuple(by_number)
    trials = [by_number[number] for number in chosen]
    folders = tuple(
        Path(t.folder) for t in trials if t.folder and _is_own(t.folder, identity, t.number)
    )
    tops = {folder.parent.parent for folder in folders}
    own = [top for top in tops if read_marker(top).get("study") == identity]
    return Doomed(study, chosen, folders, own[0] if own and not numbers else None)


def remove(url: str, doomed: Doomed, *, whole: bool) -> None:
    """Remove what `plan_removal` found; `whole` for the study, else its trials alone.

    A removed trial keeps its number, so that those of others stay what they are. Raises
    `StudyMismatch` where a sweep runs the study, and `StorageError`.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        with _owned(url, doomed):
            storage = RDBStorage(url, engine_kwargs=database.connect_args(url))
            study_id = storage.get_study_id_from_name(doomed.study)
            if sa.inspect(storage.engine).has_table(tables.runs.name):
                refuse_living_owner(storage.engine, study_id, doomed.study)
            if whole:
                storage.delete_study(study_id)
            with storage.engine.begin() as connection:
                if whole:
                    _forget_study(connection, study_id)
                else:
                    _forget_trials(connection, study_id, doomed.trials)
            storage.remove_session()
            storage.engine.dispose()
            for folder in doomed.folders:
                shutil.rmtree(folder, ignore_errors=True)
    except SQLAlchemyError as error:
        raise database.storage_error(url, error) from error
    if whole and doomed.sweep_dir is not None:
        _remove_tree(doomed.sweep_dir)


@contextlib.contextmanager
def _owned(url: str, doomed: Doomed) -> Iterator[None]:
    lock = StudyLock.acquire(url, doomed.study, wait=False)
    if lock is None:
        raise StudyMismatch(
            f"study {doomed.study!r} is being run by another lrsweep", hint="wait for its end"
        )
    with lock, contextlib.ExitStack() as stack:
        if doomed.sweep_dir is not None:
            stack.enter_context(claim_folder(doomed.sweep_dir))
        yield


def _is_own(folder: str, identity: str | None, number: int) -> bool:
    """Whether a folder still holds this trial; one of another study's is nobody's to remove."""
    trial = TrialFolder(folder).read_trial()
    return trial.get("study", identity) == identity and trial.get("trial") == number


def _remove_tree(folder: Path) -> None:
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise StorageError(f"cannot remove {folder}: {error.strerror}") from error


def _forget_study(connection: sa.Connection, study_id: int) -> None:
    if sa.inspect(connection).has_table(tables.identities.name):
        for table in tables.OWN:
            connection.execute(table.delete().where(table.c.study_id == study_id))


def _forget_trials(connection: sa.Connection, study_id: int, numbers: Sequence[int]) -> None:
    c = tables.trials.c
    query = sa.select(c.trial_id).where(c.study_id == study_id, c.number.in_(numbers))
    ids = list(connection.scalars(query))
    for model in _OF_TRIAL:
        table = sa.inspect(model).local_table
        connection.execute(sa.delete(table).where(table.c.trial_id.in_(ids)))
    trials = sa.inspect(models.TrialModel).local_table
    connection.execute(
        sa.update(trials).where(trials.c.trial_id.in_(ids)).values(state=TrialState.FAIL)
    )
    attributes = sa.inspect(models.TrialSystemAttributeModel).local_table
    for trial_id in ids:
        row = {"trial_id": trial_id, "key": tables.REMOVED_ATTRIBUTE, "value_json": "true"}
        connection.execute(upsert(connection.engine, attributes, row), [row])
    for own in (tables.attempts, tables.points):
        connection.execute(
            own.delete().where(own.c.study_id == study_id, own.c.number.in_(numbers))
        )
