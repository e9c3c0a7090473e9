"""Shell completion knows studies and trials, and never fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lrsweep.executors.inline import InlineExecutor, Training
from lrsweep.plan import RunOptions, build_plan
from lrsweep.report.live import QuietView
from lrsweep.sweep import run_sweep
from lrsweep.trial import Job


def train(job: Job) -> Training:
    yield 1, {"val_loss": float(job.first.params["lr"] or 0)}
    return 0


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose database holds the studies `first` and `second`, of two trials each."""
    folder = tmp_path_factory.mktemp("studies")
    script = folder / "train.py"
    script.write_text("import lrsweep\n")
    for name in ("first", "second"):
        options = RunOptions(
            target=str(script),
            space=("lr=0.1,0.2",),
            metric="val_loss",
            sampler="grid",
            study=name,
            jobs=1,
            storage=f"sqlite:///{folder}/lrsweep.db",
            sweep_dir=str(folder / name),
        )
        run_sweep(build_plan(options), QuietView(), InlineExecutor(train))
    return folder


def completed(folder: Path, typed: str) -> list[str]:
    """What bash is offered after `lrsweep TYPED`, the last word being the one to complete."""
    words = f"lrsweep {typed}"
    done = subprocess.run(
        [sys.executable, "-m", "lrsweep.cli.main"],
        cwd=folder,
        env=os.environ
        | {
            "_LRSWEEP_COMPLETE": "complete_bash",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split(" ")) - 1),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.split()


def test_report_completes_the_names_of_studies(studies: Path) -> None:
    assert sorted(completed(studies, "report ")) == ["first", "second"]
    assert completed(studies, "report fi") == ["first"]


def test_show_completes_numbers_of_trials_and_its_study(studies: Path) -> None:
    assert completed(studies, "show ") == ["0", "1"]
    assert completed(studies, "show 0 --study se") == ["second"]


def test_completion_reads_the_database_that_was_named(studies: Path, tmp_path: Path) -> None:
    named = f"--storage sqlite:///{studies}/lrsweep.db"
    assert completed(tmp_path, f"report {named} fi") == ["first"]


@pytest.mark.parametrize("typed", ["report ", "show ", "report --storage nonsense "])
def test_completion_of_a_broken_database_offers_nothing(typed: str, tmp_path: Path) -> None:
    assert completed(tmp_path, typed) == []
    (tmp_path / "lrsweep.db").write_bytes(b"no database at all" * 100)
    assert completed(tmp_path, typed) == []


def test_bundled_studies_are_completed(tmp_path: Path) -> None:
    assert completed(tmp_path, "studies dig") == ["digits"]
