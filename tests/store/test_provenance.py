"""Each attempt says what it ran; an edited script is said when the sweep is resumed."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

from lrsweep.executors.inline import Training
from lrsweep.provenance import code_hash
from lrsweep.trial import Job
from tests.sweep.inline import Notebook, PlanMaker, bowl, run


def ran() -> list[dict[str, Any]]:
    with closing(sqlite3.connect("lrsweep.db")) as connection:
        found = connection.execute("SELECT ran FROM lrsweep_attempts ORDER BY number").fetchall()
    return [json.loads(text) for (text,) in found]


def texts() -> list[str]:
    with closing(sqlite3.connect("lrsweep.db")) as connection:
        return [text for (text,) in connection.execute("SELECT text FROM lrsweep_texts")]


def git(*arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@b.c")
    subprocess.run(("git", *identity, *arguments), check=True, capture_output=True)


def test_each_attempt_says_commit_code_versions_and_machine(make_plan: PlanMaker) -> None:
    plan = make_plan(trials=2)
    git("init")
    git("add", "train.py")
    git("commit", "-m", "first")
    run(plan)
    (first, second) = ran()
    assert first == second
    assert len(first["commit"]) == 40
    assert first["dirty"] is False
    assert first["code"] == code_hash(Path("train.py"))
    assert {"python", "torch", "host", "device"} <= first.keys()
    assert texts() == []


def test_the_diff_of_a_tree_that_is_not_clean_is_kept_once(make_plan: PlanMaker) -> None:
    plan = make_plan(trials=3)
    git("init")
    git("add", "train.py")
    git("commit", "-m", "first")
    Path("train.py").write_text("import lrsweep\n# edited\n")
    run(plan)
    assert all(one["dirty"] and one["diff"] for one in ran())
    (diff,) = texts()
    assert "+# edited" in diff


def test_an_edited_script_or_module_is_said_when_resuming(make_plan: PlanMaker) -> None:
    Path("model.py").write_text("size = 1\n")
    plan = make_plan(trials=1)
    Path("train.py").write_text("import lrsweep, model\n")
    run(plan)
    unchanged, edited = Notebook(), Notebook()
    run(make_plan(trials=2), notebook=unchanged)
    Path("train.py").write_text("import lrsweep, model\n")
    Path("model.py").write_text("size = 2\n")
    plan = make_plan(trials=3)
    Path("train.py").write_text("import lrsweep, model\n")
    run(plan, notebook=edited)
    said = "the script or a module of its own was edited since the last trial"
    assert said in edited.notes


def test_a_script_that_is_edited_while_the_sweep_runs_is_told_by_its_trials(
    make_plan: PlanMaker,
) -> None:
    def train(job: Job) -> Training:
        yield from bowl(job)
        Path("train.py").write_text("import lrsweep\n# edited\n")
        return 0

    run(make_plan(trials=2), train)
    first, second = ran()
    assert first["code"] != second["code"]
