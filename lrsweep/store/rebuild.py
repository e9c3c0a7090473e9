"""A study made again from the folders of its trials alone, where its database is gone."""

from __future__ import annotations

import json
import math
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
import sqlalchemy as sa
from optuna.distributions import CategoricalDistribution
from optuna.storages import RDBStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.exc import SQLAlchemyError

from lrsweep.capture import CaptureSpec
from lrsweep.errors import NotFound, SpaceError, StorageError, StudyMismatch
from lrsweep.jobs.report_reader import ReportReader
from lrsweep.jobs.thinning import standing, thinned
from lrsweep.protocol import EventReader, TrialFolder, read_object
from lrsweep.space import Space
from lrsweep.storage_url import shown
from lrsweep.store import database, tables, versions
from lrsweep.store.distributions import distribution
from lrsweep.store.folder import claim_folder, read_marker
from lrsweep.store.lock import making_tables
from lrsweep.store.outcomes import STATES
from lrsweep.trial import Direction, Job, Member, Outcome, Report, Slot, TrialKey, job_id

_MOST_REPORTS = 100_000


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was made again: the study's name, how many trials and reports."""

    study: str
    trials: int
    reports: int


@dataclass(frozen=True, slots=True)
class _Found:
    """A trial as its folder tells it."""

    folder: TrialFolder
    trial: Mapping[str, Any]
    ending: Mapping[str, Any]
    reports: list[Report]

    @property
    def number(self) -> int:
        return int(self.trial["trial"])

    @property
    def outcome(self) -> Outcome | None:
        """None where its folder does not say, or it waits to be run again."""
        name = self.ending.get("outcome")
        is_own = self.ending.get("attempt") == self.trial.get("attempt")
        return Outcome(name) if is_own and name in list(Outcome) else None


def rebuild_study(folder: Path, url: str, name: str | None = None) -> Rebuilt:
    """Write the study whose trials lie in `folder` into the database at `url`.

    Of metrics read from output or files, those of a trial's last attempt come back; of reports of
    the client, all. What had not ended is run again when the sweep is resumed. Raises `NotFound`
    where `folder` holds no study, `StudyMismatch` where the database has one of its name, and
    `StorageError`.
    """
    marker = read_marker(folder)
    facts = marker.get("plan")
    if not isinstance(facts, dict) or not isinstance(marker.get("study"), str):
        raise NotFound(
            f"the folder {folder} says of no study whose trials it holds",
            hint="name the folder of a sweep, which has a study.json: lrsweep-runs/NAME",
        )
    study = name or str(marker["name"])
    with claim_folder(folder), making_tables(url):
        found = list(_trials(folder, marker))
        try:
            _write(url, study, marker, found)
        except SQLAlchemyError as error:
            raise database.storage_error(url, error) from error
        except RuntimeError as error:  # another version of Optuna's tables
            raise StorageError(f"{shown(url)}: {error}") from error
    return Rebuilt(study, len(found), sum(len(one.reports) for one in found))


def _trials(folder: Path, marker: Mapping[str, Any]) -> Iterator[_Found]:
    for path in sorted((folder / "trials").glob("*")):
        files = TrialFolder(path)
        trial = files.read_trial()
        number = trial.get("trial")
        if trial.get("study") == marker["study"] and isinstance(number, int):
            reports = list(_reports(files, trial, marker))
            yield _Found(files, trial, read_object(files.exit), reports)


def _reports(
    folder: TrialFolder, trial: Mapping[str, Any], marker: Mapping[str, Any]
) -> Iterator[Report]:
    number, attempt, study = trial["trial"], int(trial.get("attempt", 1)), marker["study"]
    for earlier in range(1, attempt):
        events = EventReader(folder.events, 0, TrialKey(number, earlier), study)
        yield from thinned(events.read(), _MOST_REPORTS)
    key = TrialKey(number, attempt)
    member = Member(key, trial.get("params", {}), int(trial.get("seed", 0)), str(folder.path))
    job = Job(
        job_id(key),
        Slot(0),
        (member,),
        tuple(trial.get("command", ())),
        cwd=str(trial.get("cwd", folder.path)),
        study=study,
    )
    spec = CaptureSpec(
        marker["plan"]["metric"], marker.get("metric_regex"), tuple(marker.get("metric_file", ()))
    )
    reader = ReportReader(job, member, spec)
    killed = folder.exit_code() is None
    yield from standing(thinned(reader.finish(killed=killed), _MOST_REPORTS))


def _write(url: str, study: str, marker: Mapping[str, Any], found: list[_Found]) -> None:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = RDBStorage(url, engine_kwargs=database.connect_args(url))
    versions.bring_up_to_date(storage.engine, url)
    facts: dict[str, Any] = marker["plan"]
    with storage.engine.connect() as connection:
        named = sa.select(tables.studies.c.study_id).where(tables.studies.c.study_name == study)
        is_there = connection.execute(named).first() is not None
        c = tables.identities.c
        twin = connection.execute(sa.select(c.study_id).where(c.identity == marker["study"]))
        is_there = is_there or twin.first() is not None
    if is_there:
        raise StudyMismatch(
            f"{shown(url)} has the study {study!r} already",
            hint="name another database with --storage",
        )
    direction = Direction(facts["direction"])
    study_id = storage.create_new_study([StudyDirection[direction.name]], study)
    # Their values of parameters stand in the space of the newest plan where they fit it.
    space = _space(facts)
    by_number = {one.number: one for one in found}
    for number in range(max(by_number, default=-1) + 1):
        one = by_number.get(number)
        storage.create_new_trial(study_id, _frozen(one, space, direction, str(facts["metric"])))
    storage.set_study_user_attr(study_id, tables.PLAN_ATTRIBUTE, facts)
    with storage.engine.begin() as connection:
        _write_own(connection, study_id, marker, found)
    storage.remove_session()
    storage.engine.dispose()


def _space(facts: Mapping[str, Any]) -> Space:
    try:
        return Space.parse(facts["space"])
    except (KeyError, TypeError, SpaceError):
        return Space()


def _frozen(one: _Found | None, space: Space, direction: Direction, metric: str) -> FrozenTrial:
    """The trial for Optuna; of a number whose folder is gone, one that failed."""
    if one is None:
        return optuna.trial.create_trial(state=TrialState.FAIL)
    plain = one.trial.get("params", {})
    active = {p.name: p for p in space.active(plain)}
    params: dict[str, Any] = {}
    kinds: dict[str, Any] = {}
    for name, value in plain.items():
        parameter = active.get(name)
        if parameter is not None and parameter.contains(value):
            params[parameter.label], kinds[parameter.label] = value, distribution(parameter)
        else:
            params[name], kinds[name] = value, CategoricalDistribution((value,))
    outcome, value = one.outcome, one.ending.get("value")
    state = TrialState.RUNNING if outcome is None else STATES[outcome]
    if one.ending.get("again"):
        state = TrialState.WAITING
    curve = {r.step: r.metrics[metric] for r in one.reports if metric in r.metrics}
    if state is TrialState.COMPLETE and outcome is not Outcome.COMPLETED:
        value = direction.worst
    return optuna.trial.create_trial(
        state=state,
        value=value if state is TrialState.COMPLETE else None,
        params=params,
        distributions=kinds,
        user_attrs={} if outcome is None else {"outcome": outcome.value},
        system_attrs={tables.ASKED_ATTRIBUTE: True},
        intermediate_values={s: v for s, v in curve.items() if abs(s) < 2**31},
    )


def _write_own(
    connection: sa.Connection, study_id: int, marker: Mapping[str, Any], found: list[_Found]
) -> None:
    now = time.time()
    facts = json.dumps(marker["plan"])
    began = min((float(one.trial.get("started_at", now)) for one in found), default=now)
    ended = max((float(one.ending.get("ended_at") or began) for one in found), default=now)
    identity = {"study_id": study_id, "identity": marker["study"], "made_at": now}
    connection.execute(tables.identities.insert(), [identity])
    version = {"study_id": study_id, "version": 1, "recorded_at": now, "facts": facts}
    connection.execute(tables.plans.insert(), [version])
    run = {
        "study_id": study_id,
        "started_at": began,
        "seen_at": ended,
        "host": socket.gethostname(),
        "pid": 0,
        "command": json.dumps(marker["plan"].get("sweep_command", [])),
        "ended_at": ended,
    }
    connection.execute(tables.runs.insert(), [run])
    for one in found:
        connection.execute(tables.attempts.insert(), [_attempt_row(study_id, one)])
        if rows := list(_point_rows(study_id, one)):
            connection.execute(tables.points.insert(), rows)


def _attempt_row(study_id: int, one: _Found) -> dict[str, Any]:
    trial, ending, outcome = one.trial, one.ending, one.outcome
    value = ending.get("value")
    is_kept = outcome is not None and isinstance(value, float) and math.isfinite(value)
    return {
        "study_id": study_id,
        "number": one.number,
        "attempt": int(trial.get("attempt", 1)),
        "outcome": None if outcome is None else outcome.value,
        "value": value if is_kept else None,
        "params": json.dumps(trial.get("params", {})),
        "seed": int(trial.get("seed", 0)),
        "started_at": float(trial.get("started_at", 0.0)),
        "ended_at": None if outcome is None else ending.get("ended_at"),
        "exit_code": ending.get("code"),
        "reason": str(ending.get("reason") or ""),
        "command": json.dumps(trial.get("command", [])),
        "folder": str(one.folder.path.absolute()),
        "slot": str(trial.get("device", "")),
        "device_kind": str(trial.get("device_kind", trial.get("device", ""))),
    }


def _point_rows(study_id: int, one: _Found) -> Iterator[dict[str, Any]]:
    for place, report in enumerate(one.reports, 1):
        axis = {tables.EXAMPLES: report.examples, tables.FRACTION: report.fraction}
        for name, value in {**report.metrics, **axis}.items():
            if value is not None:
                yield {
                    "study_id": study_id,
                    "number": one.number,
                    "attempt": report.attempt,
                    "name": name,
                    "place": place,
                    "step": report.step,
                    "value": None if math.isnan(value) else value,
                }
