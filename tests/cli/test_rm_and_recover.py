"""`lrsweep rm` and `lrsweep recover`, and databases that are damaged, as a user types them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pexpect
import pytest

from lrsweep.store.read import StudyReader
from tests.cli.terminal import lrsweep

PRINTS = """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
args = parser.parse_args()
for epoch in range(1, 4):
    print(f"epoch {epoch} val_loss {args.lr + 1 / epoch} acc {epoch / 10}", flush=True)
if args.lr > 0.5:
    raise SystemExit("boom")
"""
REPORTS = """
import lrsweep
trial = lrsweep.current_trial()
for step in (1, 2, 3):
    loss = float("nan") if trial.params["lr"] == 0.01 and step == 2 else trial.params["lr"] + step
    trial.report(step, val_loss=loss, acc=step / 10, examples=step * 64)
"""
RUN = ("run", "train.py", "-s", "lr=0.001,0.01,0.9", "--sampler", "grid", "--metric", "val_loss")
TIMES = ("wall_s", "started_at", "created_at")


@pytest.fixture(params=[PRINTS, REPORTS], ids=["printed", "reported"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    (tmp_path / "train.py").write_text(request.param)
    lrsweep(tmp_path, *RUN, "-q")
    return tmp_path


def report(folder: Path) -> dict[str, Any]:
    done = lrsweep(folder, "report", "train", "--format", "json")
    assert done.returncode == 0, done.stderr
    return dict(_without_times(json.loads(done.stdout)))


def _without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_times(v) for k, v in value.items() if k not in TIMES}
    return [_without_times(item) for item in value] if isinstance(value, list) else value


def numbers(folder: Path) -> list[int]:
    with StudyReader(f"sqlite:///{folder}/lrsweep.db") as reader:
        return [trial.number for trial in reader.study("train").trials]


def test_a_study_is_made_again_from_its_folders(folder: Path) -> None:
    before = report(folder)
    shown = lrsweep(folder, "show", "0").stdout
    (folder / "lrsweep.db").unlink()
    again = lrsweep(folder, *RUN)
    assert again.returncode == 2
    assert again.stderr.rstrip().endswith("lrsweep recover --dir lrsweep-runs/train")
    made = lrsweep(folder, "recover", "--dir", "lrsweep-runs/train")
    assert made.returncode == 0, made.stderr
    assert "study train is in sqlite:///lrsweep.db again: 3 trials, 9 reports" in made.stdout
    assert report(folder) == before
    assert [line for line in lrsweep(folder, "show", "0").stdout.splitlines() if "┤" in line] == [
        line for line in shown.splitlines() if "┤" in line
    ]
    twice = lrsweep(folder, "recover", "--dir", "lrsweep-runs/train")
    assert twice.returncode == 2
    assert "has the study 'train' already" in twice.stderr
    assert lrsweep(folder, *RUN).returncode in (0, 4)


@pytest.mark.parametrize("damage", [b"garbage that is no database at all" * 50, b""])
def test_a_damaged_database_is_told_with_the_way_out(folder: Path, damage: bytes) -> None:
    for file in folder.glob("lrsweep.db*"):
        file.unlink()
    (folder / "lrsweep.db").write_bytes(damage)
    done = lrsweep(folder, *RUN)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "lrsweep recover --dir lrsweep-runs/train" in done.stderr
    for command in (("list",), ("report",), ("show", "0")):
        assert "Traceback" not in lrsweep(folder, *command).stderr


def test_a_folder_that_is_no_sweeps_is_not_recovered(tmp_path: Path) -> None:
    done = lrsweep(tmp_path, "recover", "--dir", ".")
    assert done.returncode == 2
    assert "says of no study whose trials it holds" in done.stderr
    assert not (tmp_path / "lrsweep.db").exists()


def test_trials_are_removed_with_their_folders_and_keep_their_numbers(folder: Path) -> None:
    done = lrsweep(folder, "rm", "train", "0", "--yes")
    assert done.stdout.splitlines() == ["removed 1 trial of study train and 1 folder"]
    assert numbers(folder) == [1, 2]
    assert not (folder / "lrsweep-runs/train/trials/00000").exists()
    assert lrsweep(folder, *RUN, "-q").returncode in (0, 4)
    assert numbers(folder)[:3] == [1, 2, 3], "its point was tried again"


def test_a_study_is_removed_with_its_folder(folder: Path) -> None:
    done = lrsweep(folder, "rm", "train", "--yes")
    assert done.returncode == 0, done.stderr
    assert not (folder / "lrsweep-runs/train").exists()
    assert "train" not in lrsweep(folder, "list").stdout
    assert lrsweep(folder, *RUN, "-q").returncode in (0, 4)


def test_nothing_is_removed_unasked(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(REPORTS)
    lrsweep(tmp_path, *RUN, "-q")
    done = lrsweep(tmp_path, "rm", "train")
    assert done.returncode == 2
    assert "add --yes" in done.stderr
    unknown = lrsweep(tmp_path, "rm", "train", "7", "--yes")
    assert unknown.returncode == 2
    assert "study 'train' has no trial 7: they go from 0 to 2" in unknown.stderr
    terminal = pexpect.spawn(
        sys.executable, ["-m", "lrsweep.cli.main", "rm", "train"], cwd=str(tmp_path), timeout=60
    )
    terminal.expect("Remove study train with its 3 trials and 3 folders.*y/N")
    terminal.sendline("n")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert numbers(tmp_path) == [0, 1, 2]
