"""Tables: ours, and the columns of Optuna's that are read; how the database is opened.

Ours carry no foreign keys into Optuna's, so that deleting a study with Optuna's tools works.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from lrsweep.errors import PlanError, StorageError

metadata = sa.MetaData()

# One row an attempt. `value` is null for ±inf (a diverged trial: `outcome` says so).
attempts = sa.Table(
    "lrsweep_attempts",
    metadata,
    sa.Column("study_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("attempt", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("outcome", sa.String(32)),
    sa.Column("value", sa.Float(53)),
    sa.Column("params", sa.Text, nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("started_at", sa.Float(53), nullable=False),
    sa.Column("ended_at", sa.Float(53)),
    sa.Column("exit_code", sa.Integer),
    sa.Column("reason", sa.Text, nullable=False, default=""),
    sa.Column("command", sa.Text, nullable=False),
    sa.Column("folder", sa.Text, nullable=False),
    sa.Column("slot", sa.String(1024), nullable=False),
    sa.Column("device_kind", sa.String(255), nullable=False),
)

# Every reported number but the objective, whose curve stands in Optuna's intermediate values.
# The names "examples" and "fraction" carry the budget axis. `value` is null for NaN.
points = sa.Table(
    "lrsweep_points",
    metadata,
    sa.Column("study_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("attempt", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.String(255), primary_key=True),
    sa.Column("step", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("value", sa.Float(53)),
)

# One row each time a sweep ran on a study; `seen_at` moves while it runs.
runs = sa.Table(
    "lrsweep_runs",
    metadata,
    sa.Column("study_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("started_at", sa.Float(53), primary_key=True),
    sa.Column("seen_at", sa.Float(53), nullable=False),
    sa.Column("host", sa.String(255), nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("command", sa.Text, nullable=False),
)

EXAMPLES = "examples"
FRACTION = "fraction"
PLAN_ATTRIBUTE = "lrsweep:plan"

# What is read of Optuna's tables. Enum columns come back as the names of their members.
studies = sa.table("studies", sa.column("study_id"), sa.column("study_name"))
directions = sa.table("study_directions", sa.column("study_id"), sa.column("direction"))
study_attributes = sa.table(
    "study_user_attributes", sa.column("study_id"), sa.column("key"), sa.column("value_json")
)
trials = sa.table(
    "trials",
    sa.column("trial_id"),
    sa.column("study_id"),
    sa.column("number"),
    sa.column("state"),
    sa.column("datetime_start", sa.DateTime),
    sa.column("datetime_complete", sa.DateTime),
)
trial_params = sa.table(
    "trial_params",
    sa.column("trial_id"),
    sa.column("param_name"),
    sa.column("param_value"),
    sa.column("distribution_json"),
)
trial_values = sa.table(
    "trial_values", sa.column("trial_id"), sa.column("value"), sa.column("value_type")
)
intermediate_values = sa.table(
    "trial_intermediate_values",
    sa.column("trial_id"),
    sa.column("step"),
    sa.column("intermediate_value"),
    sa.column("intermediate_value_type"),
)


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
            f"--storage {url!r} is not a database URL", hint="try sqlite:///lrsweep.db"
        ) from None
    except (NoSuchModuleError, ImportError):
        raise PlanError(
            f"--storage {url!r}: no driver for {url.split(':', 1)[0]!r} is installed",
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


def storage_error(url: str, error: SQLAlchemyError | OSError) -> StorageError:
    """`error` of the database at `url` as one sentence."""
    cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0].rstrip(".")
    return StorageError(f"the study database {display_url(url)} failed: {cause}")


def display_url(url: str) -> str:
    """`url` without its password."""
    return parse_url(url).render_as_string(hide_password=True)
