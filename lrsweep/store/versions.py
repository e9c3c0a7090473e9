"""The versions of our tables: named migrations, each applied once, all of them in one transaction.

A database without our tables gets them as they are now. Migrations are written out in SQL, since
the tables of `lrsweep.store.tables` go on changing and what a migration found and made does not.
"""

from __future__ import annotations

import json
import math
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from lrsweep.errors import PlanError
from lrsweep.storage_url import shown
from lrsweep.store import tables


def is_current(engine: sa.Engine, url: str) -> bool:
    """Whether our tables are there and as this version makes them.

    Raises `PlanError` where a newer version made them.
    """
    inspector = sa.inspect(engine)
    if not inspector.has_table(tables.runs.name):
        return False
    applied: set[str] = set()
    if inspector.has_table(tables.migrations.name):
        with engine.connect() as connection:
            applied = set(connection.scalars(sa.select(tables.migrations.c.name)))
    if unknown := applied - set(MIGRATIONS):
        what = ", ".join(sorted(unknown))
        raise PlanError(
            f"the database {shown(url)} was made by a newer lrsweep than this one"
            f" (it has {what!r})",
            hint="upgrade lrsweep, or name another database with --storage",
        )
    return applied == set(MIGRATIONS)


def is_older(engine: sa.Engine, url: str) -> bool:
    """Whether an older version made our tables; raises `PlanError` where a newer one did."""
    return sa.inspect(engine).has_table(tables.runs.name) and not is_current(engine, url)


def bring_up_to_date(engine: sa.Engine, url: str) -> None:
    """Make our tables, or change those of an older version; the caller holds the database's lock.

    Raises `PlanError` where a newer version made them.
    """
    if is_current(engine, url):
        return
    with _transaction(engine) as connection:
        inspector = sa.inspect(connection)
        old = inspector.has_table("lrsweep_runs")
        tables.migrations.create(connection, checkfirst=True)
        applied = set(connection.scalars(sa.select(tables.migrations.c.name)))
        for name, migrate in MIGRATIONS.items():
            if name in applied:
                continue
            if old:
                migrate(connection)
            row = {"name": name, "applied_at": time.time()}
            connection.execute(tables.migrations.insert(), [row])
        tables.metadata.create_all(connection)
        if not old:
            _number_once(connection)


@contextmanager
def _transaction(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One transaction around changes of tables too, which sqlite3 would commit one by one."""
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            yield connection
        return
    with engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        before, raw.isolation_level = raw.isolation_level, None
        try:
            raw.execute("BEGIN IMMEDIATE")
            yield connection
            raw.execute("COMMIT")
        except BaseException:
            raw.execute("ROLLBACK")
            raise
        finally:
            raw.isolation_level = before


def _every_point_with_its_place(connection: sa.Connection) -> None:
    """Points in order of arrival, the objective's among them, which only Optuna's table held.

    Of a step that several attempts reported Optuna kept the newest: it belongs to the last attempt
    that began at it or before.
    """
    _run(
        connection,
        """CREATE TABLE lrsweep_points_placed (
            study_id INTEGER NOT NULL, number INTEGER NOT NULL, attempt INTEGER NOT NULL,
            name VARCHAR(255) NOT NULL, place BIGINT NOT NULL, step BIGINT NOT NULL,
            value DOUBLE PRECISION,
            PRIMARY KEY (study_id, number, attempt, name, place))""",
        """CREATE TABLE lrsweep_objective (
            study_id INTEGER NOT NULL, number INTEGER NOT NULL, attempt INTEGER NOT NULL,
            name VARCHAR(255) NOT NULL, step BIGINT NOT NULL, value DOUBLE PRECISION)""",
    )
    for study_id, metric in _metrics(connection):
        connection.execute(
            sa.text(
                """INSERT INTO lrsweep_objective (study_id, number, attempt, name, step, value)
                SELECT t.study_id, t.number,
                    COALESCE((SELECT MAX(f.attempt) FROM (
                        SELECT number, attempt, MIN(step) AS step FROM lrsweep_points
                        WHERE study_id = :study GROUP BY number, attempt) f
                        WHERE f.number = t.number AND f.step <= v.step), 1),
                    :metric, v.step,
                    CASE CAST(v.intermediate_value_type AS CHAR(8))
                        WHEN 'INF_POS' THEN :above WHEN 'INF_NEG' THEN :below
                        ELSE v.intermediate_value END
                FROM trial_intermediate_values v JOIN trials t ON t.trial_id = v.trial_id
                WHERE t.study_id = :study AND EXISTS (SELECT 1 FROM lrsweep_attempts a
                    WHERE a.study_id = t.study_id AND a.number = t.number)"""
            ),
            {"study": study_id, "metric": metric, "above": math.inf, "below": -math.inf},
        )
    _run(
        connection,
        """INSERT INTO lrsweep_points_placed
            (study_id, number, attempt, name, place, step, value)
        SELECT study_id, number, attempt, name,
            DENSE_RANK() OVER (PARTITION BY study_id, number, attempt ORDER BY step), step, value
        FROM (SELECT study_id, number, attempt, name, step, value FROM lrsweep_points
            UNION ALL SELECT study_id, number, attempt, name, step, value
            FROM lrsweep_objective) every_point""",
        "DROP TABLE lrsweep_objective",
        "DROP TABLE lrsweep_points",
        "ALTER TABLE lrsweep_points_placed RENAME TO lrsweep_points",
    )


def _identities_and_plans(connection: sa.Connection) -> None:
    """A UUID for each study, the versions of its plan, who owns it, and what its trials ran."""
    _run(
        connection,
        """CREATE TABLE lrsweep_studies (study_id INTEGER NOT NULL PRIMARY KEY,
            identity VARCHAR(36) NOT NULL UNIQUE, made_at DOUBLE PRECISION)""",
        """CREATE TABLE lrsweep_plans (study_id INTEGER NOT NULL, version INTEGER NOT NULL,
            recorded_at DOUBLE PRECISION NOT NULL, facts TEXT NOT NULL,
            PRIMARY KEY (study_id, version))""",
        "CREATE TABLE lrsweep_texts (digest VARCHAR(64) NOT NULL PRIMARY KEY, text TEXT NOT NULL)",
        "ALTER TABLE lrsweep_attempts ADD COLUMN verdict TEXT",
        "ALTER TABLE lrsweep_attempts ADD COLUMN ran TEXT",
        "ALTER TABLE lrsweep_runs ADD COLUMN owner VARCHAR(255) DEFAULT '' NOT NULL",
        "ALTER TABLE lrsweep_runs ADD COLUMN ended_at DOUBLE PRECISION",
        "UPDATE lrsweep_runs SET ended_at = seen_at",
    )
    for study_id, _, facts in _plans(connection):
        connection.execute(
            sa.text("INSERT INTO lrsweep_studies (study_id, identity) VALUES (:study, :identity)"),
            {"study": study_id, "identity": str(uuid.uuid4())},
        )
        connection.execute(
            sa.text(
                """INSERT INTO lrsweep_plans (study_id, version, recorded_at, facts)
                SELECT :study, 1, COALESCE(MIN(started_at), 0), :facts FROM lrsweep_runs
                WHERE study_id = :study"""
            ),
            {"study": study_id, "facts": facts},
        )


def _number_once(connection: sa.Connection) -> None:
    """No two trials of a study with one number; those that have are numbered on at the end."""
    rows = connection.execute(
        sa.text(
            "SELECT trial_id, study_id, number FROM trials WHERE number IS NOT NULL"
            " ORDER BY study_id, trial_id"
        )
    ).all()
    taken = {(row.study_id, row.number) for row in rows}
    seen: set[tuple[int, int]] = set()
    for row in rows:
        if (row.study_id, row.number) not in seen:
            seen.add((row.study_id, row.number))
            continue
        number = 1 + max(n for study, n in taken if study == row.study_id)
        taken.add((row.study_id, number))
        connection.execute(
            sa.text("UPDATE trials SET number = :number WHERE trial_id = :trial"),
            {"number": number, "trial": row.trial_id},
        )
    _run(connection, "CREATE UNIQUE INDEX lrsweep_trial_numbers ON trials (study_id, number)")


def _observed(connection: sa.Connection) -> None:
    """What was seen of each attempt's training."""
    _run(connection, "ALTER TABLE lrsweep_attempts ADD COLUMN observed TEXT")


MIGRATIONS: dict[str, Callable[[sa.Connection], None]] = {
    "every point with its place": _every_point_with_its_place,
    "identities and plans": _identities_and_plans,
    "numbers are unique": _number_once,
    "what was observed": _observed,
}


def _run(connection: sa.Connection, *statements: str) -> None:
    for statement in statements:
        connection.execute(sa.text(statement))


def _plans(connection: sa.Connection) -> Iterator[tuple[int, Any, str]]:
    rows = connection.execute(
        sa.text("SELECT study_id, value_json FROM study_user_attributes WHERE key = :key"),
        {"key": tables.PLAN_ATTRIBUTE},
    ).all()
    for study_id, text in rows:
        try:
            yield study_id, json.loads(text), text
        except ValueError:  # damaged; the study keeps its trials
            yield study_id, None, text


def _metrics(connection: sa.Connection) -> Iterator[tuple[int, str]]:
    for study_id, plan, _ in _plans(connection):
        if isinstance(plan, dict) and isinstance(plan.get("metric"), str):
            yield study_id, plan["metric"]
