"""Every line that is printed to be copied runs as it is: collected from real sweeps, and run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.terminal import lrsweep

SCRIPT = """
import argparse
import sys
import lrsweep

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
parser.add_argument("--name", default="")
args = parser.parse_args()
trial = lrsweep.current_trial()
if args.lr > 0.9:
    sys.exit("no such data")
for epoch in range(1, 4):
    loss = abs(args.lr - 0.5) + 1 / epoch
    print(f"epoch {epoch} val_loss: {loss}", flush=True)
    trial.report(epoch, val_loss=loss)
"""
SILENT = "print('epoch 1 accuracy: 0.5')\nprint('epoch 2 accuracy: 0.6')\n"
# What a line to copy begins with; in Markdown it stands in a fence, without the blanks.
_COPIED = re.compile(rf"^\s*((?:lrsweep|{re.escape(sys.executable)}|python) \S.*)$")


def copied(text: str) -> list[str]:
    return [match[1] for line in text.splitlines() if (match := _COPIED.match(line))]


def paste(folder: Path, line: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=120,
    )


def told(folder: Path, *arguments: str) -> str:
    done = lrsweep(folder, *arguments)
    return done.stdout + done.stderr


NAMES = ["it's $HOME; `x`", "-dash"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "my script.py").write_text(SCRIPT)
    (tmp_path / "silent.py").write_text(SILENT)
    return tmp_path


def test_lines_of_a_sweep_its_report_and_its_trials_run(folder: Path) -> None:
    options = ["-s", "lr=0.1,0.4,0.95", "--sampler", "grid", "--metric", "val_loss", "-q"]
    options += ["--study", "two words", "--max-failed", "0"]
    end = told(folder, "run", "my script.py", *options, "--storage", "sqlite:///my runs.db")
    from_end = copied(end)
    assert {"lrsweep show", "lrsweep report"} <= {" ".join(one.split()[:2]) for one in from_end}
    storage = ("--storage", "sqlite:///my runs.db")
    texts = [
        told(folder, "report", *storage),
        told(folder, "report", "--format", "markdown", *storage),
        told(folder, "show", "0", *storage),
    ]
    for line in dict.fromkeys([*from_end, *(one for text in texts for one in copied(text))]):
        done = paste(folder, line)
        # Resumed, the trial that cannot work fails again.
        fails = line.startswith("lrsweep run") and "0.95" in line
        assert done.returncode == (4 if fails else 0), (line, done.stderr)


@pytest.mark.parametrize("name", NAMES)
def test_names_of_all_kinds_are_quoted(folder: Path, name: str) -> None:
    end = told(
        folder, "run", "my script.py", "-s", "lr=0.1,0.4", "--sampler", "grid", "-q",
        f"--study={name}", "--metric", "val_loss", "--set", "name=it's \"quoted\"",
    )  # fmt: skip
    assert "\x1b" not in end
    lines = [line for line in copied(end) if line.startswith("lrsweep")]
    assert len(lines) >= 3
    for line in lines:
        done = paste(folder, line)
        assert done.returncode == 0, (line, done.stderr)


def test_a_sweep_that_reached_its_number_is_resumed_with_a_larger_one(folder: Path) -> None:
    run = ("run", "my script.py", "-s", "lr=0.1:0.4", "--metric", "val_loss", "--sampler", "random")
    told(folder, *run, "-n", "1", "-q")
    told(folder, *run, "--trials=2", "-q")
    [resume] = [line for line in copied(told(folder, "report")) if line.startswith("lrsweep run")]
    assert "--trials=2" not in resume
    assert "-n 4" in resume
    assert "--study 'my script'" in resume
    assert paste(folder, resume).returncode == 0
    assert "4: 4 completed" in told(folder, "report")


def test_a_command_after_two_dashes_is_resumed(folder: Path) -> None:
    told(
        folder, "run", "-s", "lr=0.1:0.4", "--metric", "val_loss", "-n", "2", "-q", "--sampler",
        "random", "--", sys.executable, "my script.py", "--lr", "{lr}", "--name=-n",
    )  # fmt: skip
    [resume] = [line for line in copied(told(folder, "report")) if line.startswith("lrsweep run")]
    assert paste(folder, resume).returncode == 0
    assert "4: 4 completed" in told(folder, "report")


def test_where_no_metric_was_seen_the_probe_runs(folder: Path) -> None:
    end = told(folder, "run", "silent.py", "-s", "lr=0.1,0.2", "--sampler", "grid", "--metric", "x")
    probes = [line for line in copied(end) if line.startswith("lrsweep probe")]
    for line in probes:
        assert paste(folder, line).returncode in (0, 2), line


def test_the_advice_to_widen_the_space_is_taken(folder: Path) -> None:
    told(
        folder, "run", "my script.py", "-s", "lr=0.001:0.01:points=5", "--sampler", "grid", "-q",
        "--metric", "val_loss",
    )  # fmt: skip
    report = told(folder, "report")
    assert "widen it to lr=0.001:0.1" in " ".join(report.split())
    [widened] = [line for line in copied(report) if "lr=0.001:0.1" in line]
    done = paste(folder, widened)
    assert done.returncode == 0, done.stderr
    assert "lr  log-uniform  0.001 … 0.1" in told(folder, "report")


def test_lines_of_other_commands_run(folder: Path) -> None:
    for arguments in (("studies", "digits"), ("probe", "my script.py")):
        text = told(folder, *arguments)
        for line in copied(text):
            if not line.startswith("lrsweep run digits"):
                assert paste(folder, line).returncode == 0, line
