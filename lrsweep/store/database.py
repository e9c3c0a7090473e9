"""How a database is named, opened, and told of when it fails. Never imports Optuna."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InterfaceError,
    NoSuchModuleError,
    OperationalError,
    SQLAlchemyError,
)

from lrsweep.errors import PlanError, StorageError
from lrsweep.storage_url import shown, without_password

# What SQLite says where waiting helps; other databases' servers may come back from any of theirs.
_PASSES = ("locked", "busy", "disk is full", "disk i/o error")


class DatabaseAway(StorageError):
    """The database did not answer, and may do so later."""


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite URL; None for other databases and for one in memory."""
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return None
    return Path(str(parsed.database)).absolute()


def parse_url(url: str) -> sa.URL:
    """`url` as SQLAlchemy reads it; raises `PlanError` where it is none or has no driver here."""
    try:
        parsed = make_url(url)
        parsed.get_dialect().import_dbapi()
    except (ArgumentError, ValueError):
        raise PlanError(
            f"--storage {shown(url)!r} is not a database URL", hint="try sqlite:///lrsweep.db"
        ) from None
    except (NoSuchModuleError, ImportError):
        raise PlanError(
            f"--storage {shown(url)!r}: no driver for {url.split(':', 1)[0]!r} is installed",
            hint="try sqlite:///lrsweep.db or postgresql+psycopg://user@host/database",
        ) from None
    return parsed


def connect_args(url: str, wait_s: float = 30) -> dict[str, Any]:
    """Arguments of `sqlalchemy.create_engine` for `url`: SQLite waits `wait_s` for a lock."""
    if parse_url(url).get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": wait_s}}
    return {"pool_pre_ping": True}


def use_write_ahead_log(engine: Engine) -> None:
    """Let SQLite readers and the writer not wait for each other, on every new connection."""
    if engine.dialect.name != "sqlite":
        return

    @sa.event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.close()


@contextmanager
def transaction(engine: Engine, url: str) -> Iterator[sa.Connection]:
    """`engine.begin()`, with the database's errors as `StorageError`."""
    try:
        with engine.begin() as connection:
            yield connection
    except SQLAlchemyError as error:
        raise storage_error(url, error) from error


def storage_error(url: str, error: SQLAlchemyError | OSError) -> StorageError:
    """`error` of the database at `url` as one sentence."""
    cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0].rstrip(".")
    said = f"the study database {shown(url)} failed: {without_password(cause, url)}"
    return DatabaseAway(said) if _may_pass(url, error, cause) else StorageError(said)


def _may_pass(url: str, error: SQLAlchemyError | OSError, cause: str) -> bool:
    if not isinstance(error, OperationalError | InterfaceError):
        return isinstance(error, DBAPIError) and error.connection_invalidated
    is_sqlite = parse_url(url).get_backend_name() == "sqlite"
    return not is_sqlite or any(word in cause.lower() for word in _PASSES)
