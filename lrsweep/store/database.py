"""How a database is named, opened, and told of when it fails. Never imports Optuna."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from lrsweep.errors import PlanError, StorageError
from lrsweep.storage_url import shown, without_password


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


def connect_args(url: str) -> dict[str, Any]:
    """Arguments of `sqlalchemy.create_engine` for `url`: SQLite waits for a lock 30 s."""
    if parse_url(url).get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": 30}}
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
    said = without_password(cause, url)
    return StorageError(f"the study database {shown(url)} failed: {said}")
