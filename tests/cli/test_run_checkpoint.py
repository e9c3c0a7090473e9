"""A training that was cut short goes on where it was, and ends as if nothing had happened."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from lrsweep.protocol import TrialFolder
from lrsweep.store.read import StudyReader
from tests.cli.terminal import lrsweep

COMMAND = (
    *("run", "-s", "lr=0.1", "-n", "1", "--set", "optimizer=adam", "--set", "epochs=80"),
    *("--set", "evaluations=80", "--set", "checkpoint_s=0.02", "--threads", "1"),
)


def trial(folder: Path) -> TrialFolder:
    return TrialFolder.of(folder / "lrsweep-runs" / "digits", 0)


def events(folder: Path) -> list[dict[str, Any]]:
    try:
        lines = trial(folder).events.read_bytes().splitlines(keepends=True)
    except FileNotFoundError:
        return []
    read = [json.loads(line) for line in lines if line.endswith(b"\n")]
    return [event for event in read if event["event"] == "report"]


LOSSES = ("val_loss", "train_loss", "initial_loss", "test_loss")


def curves(folder: Path) -> dict[str, tuple[tuple[int, ...], tuple[float, ...]]]:
    with StudyReader(f"sqlite:///{folder}/lrsweep.db") as reader:
        found = reader.curves("digits", 0)
    return {c.metric: (c.steps, c.values) for c in found if c.metric in LOSSES}


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_sweep_that_was_stopped_resumes_its_training(tmp_path: Path, how: int) -> None:
    cut, whole = tmp_path / "cut", tmp_path / "whole"
    for folder in (cut, whole):
        folder.mkdir()
    assert lrsweep(whole, *COMMAND).returncode == 0
    with subprocess.Popen(
        [sys.executable, "-m", "lrsweep.cli.main", *COMMAND],
        cwd=cut,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as sweep:
        deadline = time.monotonic() + 60
        while not trial(cut).checkpoint.exists():
            assert time.monotonic() < deadline, "there was no checkpoint within a minute"
            time.sleep(0.01)
        os.kill(sweep.pid, how)
    assert len(events(cut)) < 80, "the training was over before it was stopped"
    assert lrsweep(cut, *COMMAND).returncode == 0
    again = [event["step"] for event in events(cut) if event["attempt"] == 2]
    assert 1 < again[0] <= len(events(cut)) - len(again) + 1
    assert again[-1] == 80
    assert curves(cut) == curves(whole)
    assert not trial(cut).checkpoint.exists()


@pytest.mark.slow
def test_a_trial_that_was_pruned_leaves_no_checkpoint(tmp_path: Path) -> None:
    done = lrsweep(
        *(tmp_path, "run", "-s", "lr=0.5,0.4,0.3,0.6,0.7,1e-9", "--sampler", "grid", "-j", "1"),
        *("--threads", "1", "--set", "epochs=5", "--set", "checkpoint_s=0", "--json"),
    )
    assert json.loads(done.stdout)["trials"].get("pruned"), done.stderr
    assert not list(tmp_path.rglob("checkpoint.pt"))
