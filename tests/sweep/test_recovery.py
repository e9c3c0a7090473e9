"""A sweep that is killed ends, after its resumption, with what one that was left alone has."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lrsweep.analysis.objective import Objective
from lrsweep.recovery import ending_of
from lrsweep.store.read import StudyReader
from lrsweep.trial import Direction, Outcome, Report, StudyRows, TrialKey
from tests.cli.terminal import lrsweep

# Prints or writes three epochs, then waits until the file `go` lies beside it, then two more. Goes
# on from its own checkpoint.
SCRIPT = """
import argparse, csv, pathlib, time
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
parser.add_argument("--out", default="")
args = parser.parse_args()
state = pathlib.Path(f"state-{args.lr}")
first = int(state.read_text()) if state.exists() else 1
for epoch in range(first, 6):
    while epoch == 4 and not pathlib.Path("go").exists():
        time.sleep(0.02)
    if args.out:
        table = pathlib.Path(args.out)
        new = not table.exists()
        with table.open("a", newline="") as file:
            rows = csv.writer(file)
            if new:
                rows.writerow(["epoch", "val_loss"])
            rows.writerow([epoch, args.lr + epoch])
    else:
        print(f"epoch {epoch} val_loss {args.lr + epoch}", flush=True)
    state.write_text(str(epoch + 1))
"""
SPACE = ("run", "-s", "lr=0.25,0.5", "--sampler", "grid", "--metric", "val_loss", "-j", "1", "-q")
TO_FILE = ("--", "python", "train.py", "--lr", "{lr}", "--out", "{dir}/m.csv")
WAYS = {
    "printed": (*SPACE, "train.py"),
    "file": (*SPACE, "--metric-file", "{dir}/m.csv", *TO_FILE),
}


class Killed:
    """A sweep that is stopped before it reads, and killed once `happened`."""

    def __init__(self, folder: Path, way: str, happened: Callable[[Path], bool], go: bool) -> None:
        self.folder, self.command = folder, WAYS[way]
        (folder / "train.py").write_text(SCRIPT)
        if go:
            (folder / "go").touch()
        process = subprocess.Popen(
            [sys.executable, "-m", "lrsweep.cli.main", *self.command],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(lambda: any((folder / "lrsweep-runs").glob("*/trials/00000/stdout.log")))
        process.send_signal(signal.SIGSTOP)
        (self.trial,) = (folder / "lrsweep-runs").glob("*/trials/00000")
        until(lambda: happened(self.trial))
        process.kill()
        process.wait()

    def resume(self) -> StudyRows:
        (self.folder / "go").touch()
        done = lrsweep(self.folder, *self.command)
        assert done.returncode == 0, done.stderr
        with StudyReader(f"sqlite:///{self.folder}/lrsweep.db") as reader:
            return reader.study()

    def curve(self, number: int) -> list[tuple[int, float]]:
        with StudyReader(f"sqlite:///{self.folder}/lrsweep.db") as reader:
            curve = reader.curves(None, number)[0]
        return list(zip(curve.steps, curve.values, strict=True))


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline, "it did not happen within a minute"
        time.sleep(0.01)


def has_three_epochs(trial: Path) -> bool:
    file = trial / "m.csv"
    text = (file if file.exists() else trial / "stdout.log").read_text()
    return "3.25" in text


WHOLE = [(epoch, 0.25 + epoch) for epoch in range(1, 6)]


@pytest.mark.parametrize("way", WAYS)
def test_what_was_printed_or_written_before_the_kill_is_in_the_study(
    tmp_path: Path, way: str
) -> None:
    killed = Killed(tmp_path, way, has_three_epochs, go=False)
    rows = killed.resume()
    assert [t.attempt for t in rows.trials] == [2, 1]
    assert killed.curve(0) == WHOLE


@pytest.mark.parametrize("way", WAYS)
def test_a_trial_that_had_ended_is_complete_and_not_run_again(tmp_path: Path, way: str) -> None:
    killed = Killed(tmp_path, way, lambda trial: (trial / "exit.json").exists(), go=True)
    rows = killed.resume()
    assert [(t.outcome, t.attempt, t.value) for t in rows.trials] == [
        (Outcome.COMPLETED, 1, 5.25),
        (Outcome.COMPLETED, 1, 5.5),
    ]
    assert killed.curve(0) == WHOLE


KEY = TrialKey(0, 1)


def reports(*values: float) -> list[Report]:
    return [Report(0, 1, step, {"loss": value}) for step, value in enumerate(values, 1)]


@pytest.mark.parametrize(
    ("values", "code", "stop", "outcome"),
    [
        ((2.0, 1.0), 0, None, Outcome.COMPLETED),
        ((2.0, 1.0), 0, "behind", Outcome.PRUNED),
        ((2.0, float("nan")), 0, None, Outcome.DIVERGED),
        ((), 0, None, Outcome.CRASHED),
        ((2.0,), 3, None, Outcome.CRASHED),
        ((2.0,), -9, None, Outcome.LOST),
        ((2.0,), None, None, Outcome.LOST),
        ((2.0,), None, "behind", Outcome.LOST),
    ],
)
def test_how_an_attempt_ended_that_nobody_watched(
    values: tuple[float, ...], code: int | None, stop: str | None, outcome: Outcome
) -> None:
    ending = ending_of(
        KEY, "loss", reports(*values), code, stop, Objective("last", Direction.MINIMIZE)
    )
    assert ending.outcome is outcome
