"""Who owns a study: the sweep whose run stands open in the database, while it holds the lock.

The lock keeps others off. Where it fails (its file removed, its connection cut, a file system
without locks), the run does: who takes a study over closes the runs that stand open there, and a
sweep whose run was closed by another writes nothing more.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from lrsweep.errors import StorageError, StudyMismatch
from lrsweep.processes import families
from lrsweep.store import tables

# `seen_at` of a living sweep moves more often than this.
_SIGN_OF_LIFE_S = 3.0
_WAIT = "wait for its end, or name another study with --study"


def refuse_living_owner(engine: sa.Engine, study_id: int, study: str) -> None:
    """Raises `StudyMismatch` where a run of this study stands open and its sweep lives.

    One of this machine is asked for its process; of another (another host, a container) it is
    awaited whether it gives a sign of life.
    """
    for row in _open_runs(engine, study_id):
        if row.pid == os.getpid() and row.host == socket.gethostname():
            continue
        taken = f"study {study!r} is being run by another lrsweep, process {row.pid} on {row.host}"
        if families.is_alive(row.owner):
            raise StudyMismatch(taken, hint=_WAIT)
        here = row.host == socket.gethostname()
        if families.is_dead(row.owner) or (here and families.is_of_earlier_boot(row.owner)):
            continue
        time.sleep(_SIGN_OF_LIFE_S)
        now = {run.started_at: run.seen_at for run in _open_runs(engine, study_id)}
        if now.get(row.started_at, row.seen_at) != row.seen_at:
            raise StudyMismatch(taken, hint=_WAIT)


class Run:
    """The run of one sweep on a study: the row that says that it owns it."""

    def __init__(self, study_id: int, study: str, command: Sequence[str]) -> None:
        self._study_id, self._study = study_id, study
        self._command = json.dumps(list(command))
        self._started_at = time.time()
        self._begun = False

    def begin(self, connection: sa.Connection) -> None:
        """Close what stands open, and open this one; once."""
        if self._begun:
            return
        c = tables.runs.c
        left = tables.runs.update().where(c.study_id == self._study_id, c.ended_at.is_(None))
        connection.execute(left.values(ended_at=c.seen_at))
        row = {
            "study_id": self._study_id,
            "started_at": self._started_at,
            "seen_at": self._started_at,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "command": self._command,
            "owner": families.owner_of(self._study),
        }
        connection.execute(tables.runs.insert(), [row])

    def begun(self) -> None:
        """What `begin` did is kept."""
        self._begun = True

    def go_on(self, connection: sa.Connection) -> None:
        """Give a sign of life; raises `StorageError` where another sweep took the study over."""
        self._update(connection, seen_at=time.time())

    def end(self, connection: sa.Connection) -> None:
        """Give the study up."""
        now = time.time()
        self._update(connection, seen_at=now, ended_at=now)

    def _update(self, connection: sa.Connection, **values: Any) -> None:
        c = tables.runs.c
        own = tables.runs.update().where(
            c.study_id == self._study_id, c.started_at == self._started_at, c.ended_at.is_(None)
        )
        if connection.execute(own.values(**values)).rowcount == 0:
            raise StorageError(
                f"another lrsweep has taken over study {self._study!r}; this one stops"
            )


def _open_runs(engine: sa.Engine, study_id: int) -> list[Any]:
    c = tables.runs.c
    query = sa.select(tables.runs).where(c.study_id == study_id, c.ended_at.is_(None))
    with engine.connect() as connection:
        return list(connection.execute(query))
