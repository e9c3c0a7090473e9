"""One owner a study, one a folder, one who makes tables: locks that end with their owner.

A lock lies beside what it locks: for SQLite a file beside the database, for PostgreSQL and MySQL a
lock of the server's, which it drops with the connection that holds it.
"""

from __future__ import annotations

import hashlib
import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa
from filelock import FileLock, Timeout
from sqlalchemy.exc import SQLAlchemyError

from lrsweep.errors import StorageError
from lrsweep.store import database

_LONGEST_NAME = 120


class StudyLock(ABC):
    """Held while a sweep writes to a study. A context manager; get one from `acquire`.

    Releasing it twice does no harm.
    """

    def __enter__(self) -> StudyLock:
        return self

    def __exit__(self, *_error: object) -> None:
        self.release()

    @abstractmethod
    def release(self) -> None: ...

    @abstractmethod
    def held(self) -> bool:
        """Whether it still keeps others off.

        One that was lost (its file removed, its server restarted) is taken again where nobody else
        has it.
        """

    @classmethod
    def acquire(cls, url: str, study: str, *, wait: bool) -> StudyLock | None:
        """The lock on `study`, or None where another sweep holds it and `wait` is false.

        Raises `StorageError` where the lock file cannot be made.
        """
        return _lock(url, study, _file_name(study), wait)


@contextmanager
def making_tables(url: str) -> Iterator[None]:
    """Held while tables or a study are made or changed, so that one at a time does."""
    # No study is named so: a name holds no NUL, and `quote` spells out the @.
    lock = _lock(url, "\0tables", "@tables", wait=True)
    assert lock is not None
    with lock:
        yield


class FileHeld(StudyLock):
    """A lock on a file, which the operating system drops with its owner."""

    def __init__(self, path: Path, lock: FileLock) -> None:
        self._path, self._lock = path, lock
        self._file = _file_number(path)

    def release(self) -> None:
        self._lock.release()

    def held(self) -> bool:
        if self._lock.is_locked and _file_number(self._path) == self._file:
            return True
        again = FileHeld.take(self._path, wait=False, what="what was locked")
        if again is None:
            return False
        self._lock, self._file = again._lock, again._file
        return True

    @classmethod
    def take(cls, path: Path, *, wait: bool, what: str) -> FileHeld | None:
        """The lock on `path`; None where another has it. Raises `StorageError`."""
        lock = FileLock(path, timeout=-1 if wait else 0)
        try:
            lock.acquire()
        except Timeout:
            return None
        except OSError as error:
            raise StorageError(f"cannot lock {what}: {error.strerror} ({path})") from error
        return cls(path, lock)


class _ServerHeld(StudyLock):
    """A lock that the database's server keeps for a connection."""

    def __init__(self, url: str, name: str) -> None:
        self._engine = sa.create_engine(url, poolclass=sa.NullPool)
        self._is_mysql = self._engine.dialect.name in ("mysql", "mariadb")
        digest = hashlib.sha256(name.encode()).digest()
        self._name = digest.hex()[:60]
        self._key = int.from_bytes(digest[:8], signed=True)
        self._connection: sa.Connection | None = None

    def take(self, *, wait: bool) -> bool:
        connection = self._engine.connect()
        try:
            taken = self._take_with(connection, wait)
            connection.commit()  # it belongs to the session; an open transaction is not needed
        except BaseException:
            connection.close()
            raise
        if not taken:
            connection.close()
            return False
        self._connection = connection
        return True

    def _take_with(self, connection: sa.Connection, wait: bool) -> bool:
        if self._is_mysql:
            query = sa.select(sa.func.get_lock(self._name, -1 if wait else 0))
            return bool(connection.execute(query).scalar_one() == 1)
        if wait:
            connection.execute(sa.select(sa.func.pg_advisory_lock(self._key)))
            return True
        query = sa.select(sa.func.pg_try_advisory_lock(self._key))
        return bool(connection.execute(query).scalar_one())

    def release(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def held(self) -> bool:
        if self._connection is not None:
            try:
                self._connection.execute(sa.select(1))
                self._connection.commit()
            except SQLAlchemyError:
                self._connection.invalidate()
                self.release()
            else:
                return True
        try:
            return self.take(wait=False)
        except SQLAlchemyError:  # the server is away: nobody can write, nor take it
            return True


def _lock(url: str, name: str, file_name: str, wait: bool) -> StudyLock | None:
    backend = database.parse_url(url).get_backend_name()
    if backend in ("postgresql", "mysql", "mariadb"):
        server = _ServerHeld(url, name)
        return server if server.take(wait=wait) else None
    file = database.sqlite_file(url)
    # Two ways to the same file are one database.
    beside = Path.cwd() / "lrsweep" if file is None else Path(os.path.realpath(file))
    path = beside.with_name(f".{beside.name}.{file_name}.lock")
    return FileHeld.take(path, wait=wait, what=f"the database for {name!r}")


def _file_name(study: str) -> str:
    quoted = quote(study, safe="")
    if len(quoted) <= _LONGEST_NAME:
        return quoted
    return f"{quoted[:80]}-{hashlib.sha256(study.encode()).hexdigest()[:16]}"


def _file_number(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
