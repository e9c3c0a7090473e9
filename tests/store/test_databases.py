"""What a study must do on every database that is supported: SQLite and PostgreSQL, both real."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

import pytest

from lrsweep.errors import InputError, PlanError, StudyMismatch
from lrsweep.executors.inline import Training
from lrsweep.store.opening import own_study
from lrsweep.store.read import StudyReader
from lrsweep.trial import Job, Outcome
from tests.sweep.inline import Notebook, PlanMaker, opened_by_optuna, rows, run


@pytest.fixture(params=["sqlite", "postgresql"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/study.db"
    url: str = request.getfixturevalue("postgresql")
    return url


@pytest.fixture
def study(request: pytest.FixtureRequest) -> str:
    """A name of its own for every test, since the server keeps what tests leave."""
    return str(request.node.name)


def values(job: Job) -> Training:
    """One trial of each kind of value."""
    value = (1.0, math.nan, math.inf, -math.inf, 2.0)[job.first.key.trial % 5]
    yield 1, {"val_loss": 3.0, "odd": value}
    yield 2, {"val_loss": value, "odd": 1.0}
    return 0


def test_a_study_is_made_read_and_opened_by_optuna(
    make_plan: PlanMaker, storage: str, study: str
) -> None:
    plan = make_plan(storage=storage, study=study, trials=5)
    run(plan, values)
    diverged = [Outcome.DIVERGED] * 3
    read = rows(plan)
    assert [t.outcome for t in read.trials] == [Outcome.COMPLETED, *diverged, Outcome.COMPLETED]
    assert read.best is not None
    assert (read.best.number, read.best.value) == (0, 1.0)
    with opened_by_optuna(study, storage) as opened:
        assert opened.best_value == 1.0
        stored = opened.trials
    assert [t.value for t in stored] == [1.0, math.inf, math.inf, math.inf, 2.0]
    assert stored[3].intermediate_values == {1: 3.0, 2: -math.inf}
    assert [t.params for t in stored] == [t.params for t in read.trials]


def test_curves_with_values_that_are_not_finite_come_back(
    make_plan: PlanMaker, storage: str, study: str
) -> None:
    run(make_plan(storage=storage, study=study, trials=3), values)
    with StudyReader(storage) as reader:
        curves = [reader.curves(study, number) for number in range(3)]
    assert [objective.values[0] for objective, _ in curves] == [3.0] * 3
    assert math.isnan(curves[1][0].values[1])
    assert math.isnan(curves[1][1].values[0])
    assert curves[2][1].values[0] == math.inf


def test_a_study_goes_on(make_plan: PlanMaker, storage: str, study: str) -> None:
    run(make_plan(storage=storage, study=study, trials=2))
    run(make_plan(storage=storage, study=study, trials=5, sampler="tpe"))
    plan = make_plan(storage=storage, study=study)
    assert [t.number for t in rows(plan).trials] == [0, 1, 2, 3, 4]


def test_a_study_has_one_owner(make_plan: PlanMaker, storage: str, study: str) -> None:
    plan = make_plan(storage=storage, study=study)

    def second(_job: Job) -> Training:
        with pytest.raises(InputError, match=r"is being run by another lrsweep, process \d+"):
            run(plan)
        yield 1, {"val_loss": 1.0}
        return 0

    assert run(plan, second).ran == {Outcome.COMPLETED: 6}
    notebook = Notebook()
    run(make_plan(storage=storage, study=study, trials=7), notebook=notebook)
    assert len(notebook.started) == 1


def test_who_waits_owns_the_study_after_its_owner(
    make_plan: PlanMaker, storage: str, study: str
) -> None:
    plan = make_plan(storage=storage, study=study)
    run(plan)
    told: Queue[str] = Queue()
    with ThreadPoolExecutor() as pool:
        with own_study(plan):
            second = pool.submit(own_study, plan, told.put)
            assert "is being run by another lrsweep" in told.get(timeout=60)
            assert not second.done()
        with second.result(timeout=60), pytest.raises(StudyMismatch):
            own_study(plan)


def test_the_newest_study_is_the_one_that_ran_last(
    make_plan: PlanMaker, storage: str, study: str
) -> None:
    for name, trials in ((study, 1), (f"{study}-2", 1), (study, 2)):
        run(make_plan(storage=storage, study=name, trials=trials))
    with StudyReader(storage) as reader:
        assert reader.study().name == study
        assert set(reader.names()) >= {study, f"{study}-2"}


def test_a_server_that_is_not_there_is_told_in_a_sentence(make_plan: PlanMaker) -> None:
    plan = make_plan(storage="postgresql+psycopg://nobody:secret@127.0.0.1:1/none")
    with pytest.raises(PlanError, match="failed: connection") as caught:
        run(plan)
    assert "secret" not in caught.value.message
