"""Databases of other versions of lrsweep."""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from lrsweep.errors import PlanError
from lrsweep.store import tables
from lrsweep.store.read import StudyReader
from lrsweep.store.study import StudyStore
from lrsweep.trial import Curve, Outcome, TrialKey
from tests.sweep.inline import PlanMaker, opened_by_optuna, rows, run

BEFORE_VERSIONS = Path(__file__).parent / "databases" / "before_versions.sql"
SPACE = ("lr=1e-4:1", "batch_size=16:64:pow2")


@pytest.fixture
def old(tmp_path: Path) -> str:
    """A SQLite database as lrsweep wrote it before it kept versions."""
    file = tmp_path / "lrsweep.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(BEFORE_VERSIONS.read_text(encoding="utf-8"))
    return f"sqlite:///{file}"


def points(curve: Curve) -> list[tuple[int, float]]:
    return list(zip(curve.steps, curve.values, strict=True))


def check_curves(storage: str) -> None:
    with StudyReader(storage) as reader:
        assert set(reader.names()) == {"train", "second"}
        first, diverged, _, _, resumed = (reader.curves("train", n) for n in range(5))
        again = dict(reader.curves_by_trial("train", ["val_loss", "acc"]))
        infinite = reader.curves("train", 3)
    assert points(first[0]) == [(1, 1.0), (2, 0.5), (3, 1 / 3)]
    assert points(first[1]) == [(1, 0.25), (2, 0.5), (3, 0.75)]
    assert [c.metric for c in first] == ["val_loss", "acc"]
    assert math.isnan(diverged[0].values[1])
    assert infinite[1].values == (math.inf, math.inf, math.inf)
    # The second attempt went on at step 2.
    assert points(resumed[0]) == [(1, 10.0), (2, 7.0), (3, 8.0)]
    assert points(resumed[1]) == [(1, 0.1), (2, 1.0), (3, 1.5)]
    assert resumed[0].examples == (100, 200, 300)
    assert resumed[0].fractions == (0.25, 0.5, 0.75)
    assert points(again[4]["val_loss"]) == points(resumed[0])


def test_an_older_database_is_brought_up_to_date_by_who_reads_it(old: str) -> None:
    check_curves(old)
    check_curves(old)
    with closing(sqlite3.connect(old.removeprefix("sqlite:///"))) as connection:
        identities = connection.execute("SELECT identity FROM lrsweep_studies").fetchall()
        facts = connection.execute("SELECT version FROM lrsweep_plans").fetchall()
    assert len({identity for (identity,) in identities}) == 2
    assert facts == [(1,), (1,)]


def test_a_study_of_an_older_database_is_resumed(old: str, make_plan: PlanMaker) -> None:
    plan = make_plan(storage=old, space=SPACE, trials=6)
    with StudyStore.open(plan) as store:
        assert [attempt.key for attempt in store.left_open()] == [TrialKey(4, 2)]
        assert [curve.number for curve in store.ended_curves()] == [0, 1, 3]
    run(plan)
    assert [t.number for t in rows(plan).trials] == [0, 1, 2, 3, 4, 5, 6]  # one had crashed
    with opened_by_optuna("train", old) as opened:
        assert opened.trials[0].intermediate_values == {1: 1.0, 2: 0.5, 3: 1 / 3}


def test_an_older_database_on_a_server_is_brought_up_to_date(
    old: str, postgresql_database: str
) -> None:
    copy_database(old, postgresql_database)
    check_curves(postgresql_database)


def copy_database(source: str, target: str) -> None:
    """Every table of `source` with its rows, made in `target` as Optuna makes them there."""
    with opened_by_optuna_tables(target) as to, sa.create_engine(source).connect() as read:
        metadata = sa.MetaData()
        metadata.reflect(read)
        for table in metadata.sorted_tables:
            found = [dict(row._mapping) for row in read.execute(sa.select(table))]
            if table.name.startswith("lrsweep_"):
                table.create(to)
            there = sa.Table(table.name, sa.MetaData(), autoload_with=to)
            to.execute(there.delete())
            if found:
                to.execute(there.insert(), found)
        to.commit()


def opened_by_optuna_tables(url: str) -> sa.Connection:
    import optuna

    storage = optuna.storages.RDBStorage(url)
    storage.remove_session()
    storage.engine.dispose()
    return sa.create_engine(url, poolclass=sa.NullPool).connect()


def test_a_newer_database_is_refused_in_a_sentence(make_plan: PlanMaker) -> None:
    plan = make_plan()
    run(plan)
    with closing(sqlite3.connect("lrsweep.db")) as connection:
        connection.execute(f"INSERT INTO {tables.migrations.name} VALUES ('from the future', 0)")
        connection.commit()
    sentence = "was made by a newer lrsweep than this one .it has 'from the future'"
    with pytest.raises(PlanError, match=sentence):
        rows(plan)
    with pytest.raises(PlanError, match=sentence):
        run(plan)


def test_trials_that_share_a_number_are_told_apart(make_plan: PlanMaker, old: str) -> None:
    with closing(sqlite3.connect(old.removeprefix("sqlite:///"))) as connection:
        connection.execute(
            "INSERT INTO trials (trial_id, number, study_id, state) VALUES (99, 4, 1, 'FAIL')"
        )
        connection.commit()
    plan = make_plan(storage=old, space=SPACE, trials=7)
    run(plan)
    with opened_by_optuna("train", old) as opened:
        assert [t.number for t in opened.trials] == list(range(len(opened.trials)))
    assert rows(plan).trials[-1].outcome is Outcome.COMPLETED
