"""One sweep owns a study, whatever becomes of its locks; trials of others are left alone."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import optuna
import pytest

from lrsweep.errors import StorageError, StudyMismatch
from lrsweep.executors.inline import Training
from lrsweep.trial import Job, Outcome
from tests.cli.terminal import lrsweep
from tests.sweep.inline import PlanMaker, bowl, opened_by_optuna, rows, run

SCRIPT = """
import time, lrsweep
trial = lrsweep.current_trial()
for step in range(1, 100_000):
    trial.report(step, val_loss=1 / step)
    time.sleep(0.02)
"""
RUN = ("run", "train.py", "-s", "lr=0.1,0.2", "--sampler", "grid", "--metric", "val_loss", "-q")


@pytest.fixture
def living(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A sweep that runs in `tmp_path`."""
    (tmp_path / "train.py").write_text(SCRIPT)
    command = [sys.executable, "-m", "lrsweep.cli.main", *RUN, "-j", "1"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    events = tmp_path / "lrsweep-runs/train/trials/00000/events.jsonl"
    until(lambda: events.exists() and events.stat().st_size > 200)
    yield process
    process.terminate()
    process.communicate(timeout=60)


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline, "it did not happen within a minute"
        time.sleep(0.02)


def remove_locks(folder: Path) -> None:
    for lock in (*folder.glob(".*.lock"), *folder.glob("lrsweep-runs/*/.lock")):
        lock.unlink()


@pytest.mark.parametrize("more", [(), ("--dir", "elsewhere")])
def test_a_living_sweep_keeps_its_study_and_its_trials_where_its_locks_are_removed(
    tmp_path: Path, living: subprocess.Popen[str], more: tuple[str, ...]
) -> None:
    events = tmp_path / "lrsweep-runs/train/trials/00000/events.jsonl"
    remove_locks(tmp_path)
    second = lrsweep(tmp_path, *RUN, *more)
    assert second.returncode == 2
    assert f"is being run by another lrsweep, process {living.pid}" in second.stderr
    size = events.stat().st_size
    until(lambda: events.stat().st_size > size)
    assert living.poll() is None


def test_a_database_that_is_reached_by_a_link_is_the_same_study(
    tmp_path: Path, living: subprocess.Popen[str]
) -> None:
    (tmp_path / "link.db").symlink_to("lrsweep.db")
    second = lrsweep(tmp_path, *RUN, "--storage", "sqlite:///link.db", "--dir", "elsewhere")
    assert second.returncode == 2
    assert "is being run by another lrsweep" in second.stderr
    assert living.poll() is None


def test_a_sweep_whose_study_was_taken_over_stops(
    tmp_path: Path, living: subprocess.Popen[str]
) -> None:
    with closing(sqlite3.connect(tmp_path / "lrsweep.db", timeout=30)) as connection:
        connection.execute("UPDATE lrsweep_runs SET ended_at = 1")
        connection.commit()
    _, said = living.communicate(timeout=60)
    assert living.returncode == 1
    assert said.splitlines()[-1] == (
        "lrsweep: another lrsweep has taken over study 'train'; this one stops"
    )


def test_a_sweep_whose_lock_somebody_else_holds_writes_nothing_more(make_plan: PlanMaker) -> None:
    plan = make_plan(trials=2)

    def train(_job: Job) -> Training:
        yield 1, {"val_loss": 1.0}
        Path(".lrsweep.db.train.lock").unlink()
        thief = stack.enter_context(
            subprocess.Popen([sys.executable, "-c", THIEF], stdout=subprocess.PIPE)
        )
        stack.callback(thief.kill)
        assert thief.stdout is not None
        thief.stdout.readline()
        return 0

    sentence = "another lrsweep holds the lock of study 'train'"
    with ExitStack() as stack, pytest.raises(StorageError, match=sentence):
        run(plan, train)


THIEF = """
from filelock import FileLock
import time
lock = FileLock(".lrsweep.db.train.lock")
lock.acquire()
print("taken", flush=True)
time.sleep(600)
"""


# -- folders -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "other",
    [
        {"study": "other"},
        {"storage": "sqlite:///other.db"},
    ],
)
def test_two_studies_never_share_a_folder(make_plan: PlanMaker, other: dict[str, str]) -> None:
    run(make_plan(sweep_dir="shared", trials=1))
    before = {p: p.stat().st_mtime_ns for p in Path().rglob("*")}
    with pytest.raises(StudyMismatch, match="the folder shared holds the trials of another study"):
        run(make_plan(sweep_dir="shared", trials=1, **other))
    assert {p: p.stat().st_mtime_ns for p in Path().rglob("*")} == before


def test_a_link_to_a_folder_is_the_folder(make_plan: PlanMaker) -> None:
    run(make_plan(sweep_dir="real", trials=1))
    Path("link").symlink_to("real")
    with pytest.raises(StudyMismatch, match="holds the trials of another study"):
        run(make_plan(sweep_dir="link", study="other"))


@pytest.mark.parametrize(
    "names", [("exp/1", "exp 1"), ("..", "."), ("a", "A"), ("ö " * 90, "ö_" * 90)]
)
def test_names_that_look_alike_have_folders_of_their_own(
    make_plan: PlanMaker, names: tuple[str, str]
) -> None:
    first, second = (make_plan(study=name, trials=1) for name in names)
    assert first.sweep_dir != second.sweep_dir
    assert first.sweep_dir.parent == second.sweep_dir.parent == Path("lrsweep-runs").absolute()
    run(first)
    run(second)
    assert len(rows(first).trials) == len(rows(second).trials) == 1


def test_a_deleted_database_does_not_mix_its_folders_into_the_next_study(
    make_plan: PlanMaker,
) -> None:
    plan = make_plan(trials=2)
    run(plan)
    Path("lrsweep.db").unlink()
    with pytest.raises(StudyMismatch, match="holds the trials of another study, 'train'"):
        run(plan)
    shutil.rmtree(plan.sweep_dir)
    run(plan)
    assert len(rows(plan).trials) == 2


# -- plain Optuna beside a sweep ---------------------------------------------------------------


@pytest.fixture(params=["sqlite", "postgresql"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/study.db"
    url: str = request.getfixturevalue("postgresql_database")
    return url


def test_trials_that_others_add_are_left_alone_and_counted(
    make_plan: PlanMaker, storage: str
) -> None:
    plan = make_plan(storage=storage, trials=5, retries=0)

    def train(job: Job) -> Training:
        if job.first.key.trial == 0:
            with opened_by_optuna(plan.study, storage) as study:
                told = study.ask({"lr": optuna.distributions.FloatDistribution(1e-4, 1, log=True)})
                study.tell(told, 7.0)
                study.ask()  # and one that goes on
        yield from bowl(job)
        return 0

    run(plan, train)
    with opened_by_optuna(plan.study, storage) as study:
        assert [t.number for t in study.trials] == list(range(len(study.trials)))
        states = [t.state.name for t in study.trials]
    assert states.count("RUNNING") == 1, "theirs go on"
    ours = [t for t in rows(plan).trials if t.outcome is not None and t.command]
    assert len(ours) >= 3
    assert all(t.outcome in (Outcome.COMPLETED, Outcome.DIVERGED) for t in ours)
    run(plan)
    with opened_by_optuna(plan.study, storage) as study:
        assert [t.state.name for t in study.trials].count("RUNNING") == 1


def test_a_trial_that_others_told_meanwhile_ends_as_the_sweep_says(
    make_plan: PlanMaker, storage: str
) -> None:
    plan = make_plan(storage=storage, trials=2)

    def train(job: Job) -> Training:
        yield 1, {"val_loss": 1.0}
        with opened_by_optuna(plan.study, storage) as study:
            study.tell(job.first.key.trial, 9.0)
        yield 2, {"val_loss": 0.5}
        return 0

    run(plan, train)
    with opened_by_optuna(plan.study, storage) as study:
        assert [t.value for t in study.trials] == [0.5, 0.5]


# -- databases that fail -----------------------------------------------------------------------


@pytest.mark.parametrize("how", ["removed", "replaced"])
def test_a_database_that_vanishes_ends_the_sweep_in_a_sentence(
    make_plan: PlanMaker, how: str
) -> None:
    plan = make_plan(trials=5)
    started: list[int] = []

    def train(job: Job) -> Training:
        started.append(job.first.key.trial)
        yield from bowl(job)
        if job.first.key.trial == 1:
            Path("lrsweep.db").unlink()
            if how == "replaced":
                sqlite3.connect("lrsweep.db").close()
                Path("lrsweep.db").write_bytes(b"")
        return 0

    with pytest.raises(StorageError, match=r"the study database .*lrsweep.db has been re"):
        run(plan, train)
    assert started == [0, 1]


def test_a_locked_database_is_waited_for(make_plan: PlanMaker) -> None:
    plan = make_plan(trials=1)

    def train(_job: Job) -> Training:
        yield 1, {"val_loss": 1.0}
        with subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE) as holder:
            assert holder.stdout is not None
            holder.stdout.readline()
            yield 2, {"val_loss": 0.5}
        return 0

    run(plan, train)
    assert rows(plan).trials[0].outcome is Outcome.COMPLETED


HOLDER = """
import sqlite3, time
connection = sqlite3.connect("lrsweep.db", isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep(7)
"""
