"""Stopping a sweep in every way, and going on with the same command; real processes and signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from lrsweep.store.read import StudyReader
from lrsweep.trial import Outcome, StudyRows
from tests.cli.terminal import lrsweep

# Reports for ever, unless the file `quick` lies beside it; has a child in a session of its own.
SCRIPT = """
import subprocess, sys, time
from pathlib import Path
import lrsweep

trial = lrsweep.current_trial()
if not Path("quick").exists():
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    for step in range(1, 100_000):
        trial.report(step, loss=1.0)
        time.sleep(0.02)
trial.report(100_000, loss=1.0)
"""
COMMAND = ("run", "train.py", "-s", "lr=0.1,0.2,0.3", "--sampler", "grid", "--metric", "loss")


class Sweep:
    """A sweep that runs in `folder` until it is stopped."""

    def __init__(self, folder: Path, script: str = SCRIPT) -> None:
        self.folder = folder
        (folder / "train.py").write_text(script)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "lrsweep.cli.main", *COMMAND, "-j", "2"],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.children: list[psutil.Process] = []

    def wait_for_reports(self) -> None:
        """Until two trials run and have reported."""
        events = [self.folder / f"lrsweep-runs/train/trials/0000{n}/events.jsonl" for n in (0, 1)]
        _until(lambda: all(file.exists() and file.stat().st_size > 200 for file in events))
        self.children = psutil.Process(self.process.pid).children(recursive=True)
        assert len(self.children) >= 4

    def end(self) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err

    def rows(self) -> StudyRows:
        with StudyReader(f"sqlite:///{self.folder}/lrsweep.db") as reader:
            return reader.study()

    def resume(self) -> StudyRows:
        (self.folder / "quick").touch()
        done = lrsweep(self.folder, *COMMAND, "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["trials"] == {"completed": 3}
        return self.rows()

    def steps_on_disk(self, trial: int) -> list[int]:
        file = self.folder / f"lrsweep-runs/train/trials/{trial:05d}/events.jsonl"
        lines = file.read_bytes().splitlines(keepends=True)
        events = [json.loads(line) for line in lines if line.endswith(b"\n")]
        return [e["step"] for e in events if e["event"] == "report" and e["attempt"] == 1]

    def steps_in_study(self, trial: int) -> list[int]:
        with StudyReader(f"sqlite:///{self.folder}/lrsweep.db") as reader:
            return list(reader.curves(None, trial)[0].steps)


def _until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline, "it did not happen within a minute"
        time.sleep(0.02)


def _all_gone(processes: list[psutil.Process]) -> bool:
    return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes)


@pytest.fixture
def sweep(tmp_path: Path) -> Sweep:
    sweep = Sweep(tmp_path)
    sweep.wait_for_reports()
    return sweep


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_one_signal_ends_the_trials_and_says_how_to_go_on(
    sweep: Sweep, number: signal.Signals
) -> None:
    sweep.process.send_signal(number)
    code, _, err = sweep.end()
    assert code == 130
    assert "lrsweep run train.py" in err.splitlines()[-1]
    assert _all_gone(sweep.children)
    assert [t.outcome for t in sweep.rows().trials] == [Outcome.CANCELLED] * 2
    for trial in (0, 1):
        assert sweep.steps_in_study(trial) == sweep.steps_on_disk(trial)
    assert [t.attempt for t in sweep.resume().trials] == [2, 2, 1]


def test_a_second_signal_ends_trials_that_do_not_listen(tmp_path: Path) -> None:
    deaf = f"import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n{SCRIPT}"
    sweep = Sweep(tmp_path, deaf)
    sweep.wait_for_reports()
    sweep.process.send_signal(signal.SIGINT)
    time.sleep(0.5)  # two signals at the same moment are one
    sweep.process.send_signal(signal.SIGINT)
    code, _, _ = sweep.end()
    assert code == 130
    assert _all_gone(sweep.children)


def test_a_sweep_that_was_killed_leaves_nothing_behind_and_loses_nothing(sweep: Sweep) -> None:
    sweep.process.kill()
    sweep.process.communicate()
    _until(lambda: _all_gone(sweep.children))
    reported = [sweep.steps_on_disk(trial) for trial in (0, 1)]
    rows = sweep.resume()
    assert [t.attempt for t in rows.trials] == [2, 2, 1]
    for trial in (0, 1):
        assert sweep.steps_in_study(trial) == [*reported[trial], 100_000]


def test_a_second_run_on_the_same_study_is_refused(sweep: Sweep) -> None:
    done = lrsweep(sweep.folder, *COMMAND)
    assert done.returncode == 2
    assert f"is being run by another lrsweep, process {sweep.process.pid}" in done.stderr
    sweep.process.send_signal(signal.SIGINT)
    assert sweep.end()[0] == 130


def waiting(sweep: Sweep) -> subprocess.Popen[str]:
    """A second sweep of the same study, which has said that it waits."""
    second = subprocess.Popen(
        [sys.executable, "-m", "lrsweep.cli.main", *COMMAND, "--wait", "--json"],
        cwd=sweep.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert second.stderr is not None
    for line in second.stderr:
        if "waits" in line:
            return second
    raise AssertionError("it did not wait")


def test_a_second_run_may_wait_for_the_end_of_the_first(sweep: Sweep) -> None:
    second = waiting(sweep)
    (sweep.folder / "quick").touch()
    sweep.process.send_signal(signal.SIGINT)
    assert sweep.end()[0] == 130
    out, err = second.communicate(timeout=60)
    assert second.returncode == 0, err
    assert json.loads(out)["trials"] == {"completed": 3}


def test_a_run_that_waits_can_be_stopped(sweep: Sweep) -> None:
    second = waiting(sweep)
    second.send_signal(signal.SIGINT)
    second.communicate(timeout=20)
    assert second.returncode == 130
    sweep.process.send_signal(signal.SIGINT)
    assert sweep.end()[0] == 130


def test_a_ctrl_c_of_the_terminal_does_not_reach_the_trials(sweep: Sweep) -> None:
    groups = {os.getpgid(child.pid) for child in sweep.children if child.is_running()}
    assert os.getpgid(sweep.process.pid) not in groups
    sweep.process.send_signal(signal.SIGINT)
    sweep.end()
