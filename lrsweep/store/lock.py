"""One owner a study: a lock that the operating system or the database drops with its owner."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa
from filelock import FileLock, Timeout

from lrsweep.errors import StorageError
from lrsweep.store import tables


class StudyLock:
    """Held while a sweep writes to a study. A context manager; get one from `acquire`.

    Releasing it twice does no harm.
    """

    def __init__(self, release: Callable[[], None]) -> None:
        self.release = release

    def __enter__(self) -> StudyLock:
        return self

    def __exit__(self, *_error: object) -> None:
        self.release()

    @classmethod
    def acquire(cls, url: str, study: str, *, wait: bool) -> StudyLock | None:
        """The lock on `study`, or None where another sweep holds it and `wait` is false.

        PostgreSQL keeps it as an advisory lock of a connection, so that it holds between hosts;
        for SQLite it is a lock file beside the database, for others one on this host.
        """
        if tables.parse_url(url).get_backend_name() == "postgresql":
            return _advisory_lock(url, study, wait)
        lock = FileLock(_lock_file(url, study), timeout=-1 if wait else 0)
        try:
            lock.acquire()
        except Timeout:
            return None
        except OSError as error:
            raise StorageError(
                f"cannot lock study {study!r}: {error.strerror} ({lock.lock_file})"
            ) from error
        return cls(lock.release)


def _lock_file(url: str, study: str) -> Path:
    file = tables.sqlite_file(url)
    if file is not None:
        return file.with_name(f".{file.name}.{quote(study, safe='')}.lock")
    digest = hashlib.sha256(f"{url}\0{study}".encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"lrsweep-{digest}.lock"


def _advisory_lock(url: str, study: str, wait: bool) -> StudyLock | None:
    key = int.from_bytes(hashlib.sha256(study.encode()).digest()[:8], signed=True)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    connection = engine.connect()
    if wait:
        connection.execute(sa.select(sa.func.pg_advisory_lock(key)))
    elif not connection.execute(sa.select(sa.func.pg_try_advisory_lock(key))).scalar_one():
        connection.close()
        return None
    connection.commit()  # the lock belongs to the session; an open transaction is not needed
    return StudyLock(connection.close)
