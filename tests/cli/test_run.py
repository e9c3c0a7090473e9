"""`lrsweep run` with the bundled study: real processes, real data, a real database."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from tests.cli.terminal import QUICK, in_terminal, lrsweep
from tests.sweep.inline import opened_by_optuna


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a quick sweep has run."""
    folder = tmp_path_factory.mktemp("swept")
    done = lrsweep(folder, "run", *QUICK)
    assert done.returncode == 0, done.stderr
    (folder / "stdout").write_text(done.stdout)
    (folder / "stderr").write_text(done.stderr)
    return folder


def test_progress_goes_to_stderr_and_the_end_to_stdout(swept: Path) -> None:
    progress, end = (swept / "stderr").read_text(), (swept / "stdout").read_text()
    assert "lr      choice  0.01, 1.0" in progress
    assert "[2/2]" in progress
    assert "(trial 1)" in end
    assert "val_loss against lr" in end
    assert "lrsweep report digits" in end


def test_the_best_command_of_the_end_runs_by_itself(swept: Path) -> None:
    lines = (swept / "stdout").read_text().splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("Best command"))
    command = lines[at + 1].strip()
    assert "--lr 1.0" in command
    assert os.system(f"cd {swept} && {command} > by_itself.txt") == 0
    assert "val_loss" in (swept / "by_itself.txt").read_text()


def test_the_study_is_an_optuna_study(swept: Path) -> None:
    with opened_by_optuna("digits", f"sqlite:///{swept}/lrsweep.db") as study:
        assert [t.state.name for t in study.trials] == ["COMPLETE", "COMPLETE"]
        assert study.best_trial.params == {"lr": 1.0, "epochs": 1}


def test_every_trial_has_its_folder(swept: Path) -> None:
    folder = swept / "lrsweep-runs" / "digits" / "trials" / "00001"
    assert json.loads((folder / "trial.json").read_text())["params"] == {"lr": 1.0, "epochs": 1}
    assert (folder / "events.jsonl").read_text().count('"event":"report"') > 1
    assert (folder / "stdout.log").exists()
    assert (folder / "stderr.log").exists()


def test_the_same_command_again_has_nothing_left_to_do(swept: Path) -> None:
    done = lrsweep(swept, "run", *QUICK, "--json", "-q")
    assert json.loads(done.stdout)["trials"] == {"completed": 2}
    assert done.stderr == ""


def test_json_is_one_document_on_stdout(swept: Path) -> None:
    document = json.loads(lrsweep(swept, "run", *QUICK, "--json").stdout)
    assert document["study"] == "digits"
    assert document["storage"] == "sqlite:///lrsweep.db"
    assert document["direction"] == "minimize"
    assert document["best"]["trial"] == 1
    assert document["best"]["params"] == {"lr": 1.0, "epochs": 1}
    assert document["best"]["value"] > 0
    assert document["best"]["wall_s"] > 0


@pytest.mark.parametrize("columns", [80, 140])
def test_the_end_fits_the_terminal(swept: Path, columns: int) -> None:
    screen = in_terminal(swept, "run", *QUICK, columns=columns)
    assert any("val_loss against lr" in line for line in screen)
    assert any("0.01" in line and "┬" not in line for line in screen)


def test_a_dry_run_starts_nothing_and_writes_nothing(tmp_path: Path) -> None:
    done = lrsweep(tmp_path, "run", "-s", "lr=1e-3:1", "-s", "optimizer=sgd,adam", "--dry-run")
    assert done.returncode == 0
    assert "lr         log-uniform  0.001 … 1" in done.stdout
    assert "8 points" in done.stdout
    assert done.stdout.count("train.py") == 3
    assert list(tmp_path.iterdir()) == []


def test_a_command_with_placeholders_is_swept(tmp_path: Path) -> None:
    (tmp_path / "my train.py").write_text(
        "import sys, lrsweep\n"
        "lrsweep.current_trial().report(1, loss=abs(float(sys.argv[1][2:]) - 0.5))\n"
    )
    done = lrsweep(
        tmp_path,
        *("run", "-s", "x=0.0,0.5", "--sampler", "grid", "--metric", "loss", "--json", "-q"),
        *("--", sys.executable, "my train.py", "x={x}"),
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["best"]["params"] == {"x": 0.5}


def test_a_trial_timeout_and_a_crash_do_not_stop_the_sweep(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(
        "import sys, time, lrsweep\n"
        "kind = sys.argv[2]\n"
        "if kind == 'slow': time.sleep(600)\n"
        "if kind == 'crash': raise KeyError('x')\n"
        "if kind == 'good': lrsweep.current_trial().report(1, loss=1.0)\n"
        "if kind == 'infinite': lrsweep.current_trial().report(1, loss=float('nan'))\n"
    )
    done = lrsweep(
        tmp_path,
        *("run", "train.py", "-s", "kind=slow,crash,good,infinite,silent", "--sampler", "grid"),
        *("--metric", "loss", "--trial-timeout", "3", "--json"),
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["trials"] == {
        "timed_out": 1,
        "crashed": 2,
        "completed": 1,
        "diverged": 1,
    }


def test_a_sweep_in_which_everything_fails_says_so(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("import sys\nassert sys.argv\nraise KeyError('x')\n")
    done = lrsweep(tmp_path, "run", "train.py", "-s", "lr=0.1,0.2", "--metric", "loss", "-n", "2")
    assert done.returncode == 4, done.stderr
    assert "every trial of this run failed" in done.stderr
    assert "KeyError: 'x'" in done.stderr
