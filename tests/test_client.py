"""The client in real processes: what a training script sees of the sweep that started it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from lrsweep.protocol import EventReader, TrialFolder


def run_script(
    code: str, folder: TrialFolder | None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    sweep = (
        {}
        if folder is None
        else {
            "LRSWEEP_TRIAL_DIR": str(folder.path),
            "LRSWEEP_TRIAL": "12",
            "LRSWEEP_ATTEMPT": "2",
            "LRSWEEP_PARAMS": json.dumps({"lr": 0.1, "optimizer": "sgd"}),
            "LRSWEEP_SEED": "99",
        }
    )
    return subprocess.run(
        [sys.executable, "-c", f"import lrsweep\ntrial = lrsweep.current_trial()\n{code}"],
        env={**os.environ, **sweep, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> TrialFolder:
    folder = TrialFolder.of(tmp_path, 12)
    folder.path.mkdir(parents=True)
    return folder


def test_outside_a_sweep_a_report_is_printed_and_nothing_is_written(tmp_path: Path) -> None:
    done = run_script("print(trial.detached, trial.params)\ntrial.report(1, loss=0.5)", None)
    assert done.stdout == "True {}\nstep 1  loss 0.5\n"
    assert list(tmp_path.iterdir()) == []


def test_parameters_and_seed_arrive(folder: TrialFolder) -> None:
    done = run_script("print(trial.params['lr'], trial.params['optimizer'], trial.seed)", folder)
    assert done.stdout == "0.1 sgd 99\n"


def test_reports_are_on_disk_when_report_returns(folder: TrialFolder) -> None:
    run_script(
        "import os\n"
        "trial.report(1, {'val/loss': 0.5}, examples=64, fraction=0.25, acc=1)\n"
        "os.kill(os.getpid(), 9)",
        folder,
    )
    (report,) = EventReader(folder.events).read()
    assert (report.trial, report.attempt, report.step) == (12, 2, 1)
    assert report.metrics == {"val/loss": 0.5, "acc": 1.0}
    assert (report.examples, report.fraction) == (64, 0.25)


def test_a_tensor_is_a_number(folder: TrialFolder) -> None:
    done = run_script("import torch\ntrial.report(1, loss=torch.tensor(0.5))", folder)
    assert done.returncode == 0, done.stderr
    assert next(EventReader(folder.events).read()).metrics == {"loss": 0.5}


def test_a_metric_that_is_no_number_says_so(folder: TrialFolder) -> None:
    done = run_script("trial.report(1, loss='low')", folder)
    assert "metric 'loss' must be a number, got str 'low'" in done.stderr


def test_a_trial_that_is_asked_to_stop_ends_quietly_at_its_next_report(folder: TrialFolder) -> None:
    folder.ask_to_stop("behind the median")
    done = run_script(
        "try:\n"
        "    trial.report(1, loss=0.5)\n"
        "except Exception:\n"
        "    print('swallowed')\n"
        "print('went on')",
        folder,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    reader = EventReader(folder.events)
    assert [report.step for report in reader.read()] == [1]
    assert reader.stopped


def test_a_script_may_catch_the_stop_and_knows_why(folder: TrialFolder) -> None:
    folder.ask_to_stop("behind the median")
    done = run_script(
        "try:\n"
        "    trial.report(1, loss=0.5)\n"
        "except lrsweep.TrialStopped as stop:\n"
        "    print(stop.reason)",
        folder,
    )
    assert done.stdout == "behind the median\n"


def test_of_a_data_parallel_group_only_rank_0_reports(folder: TrialFolder) -> None:
    for rank in ("0", "1", "2"):
        run_script("trial.report(1, loss=0.5)", folder, {"RANK": rank})
    assert len(list(EventReader(folder.events).read())) == 1


def test_current_trial_is_one_object(folder: TrialFolder) -> None:
    assert run_script("print(trial is lrsweep.current_trial())", folder).stdout == "True\n"
