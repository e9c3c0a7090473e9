"""Smoke sweeps as CI runs them: exit codes, JUnit, GitHub, and the page that tells of them."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml

from tests.cli.terminal import lrsweep

PAGE = Path(__file__).parents[2] / "docs/ci.md"
# Reports |lr - 1|, and crashes at lr = 2.
SCRIPT = (
    "import argparse, lrsweep\n"
    "p = argparse.ArgumentParser()\n"
    "p.add_argument('--lr', type=float)\n"
    "p.add_argument('--epochs', type=int, default=20)\n"
    "a = p.parse_args()\n"
    "if a.lr == 2: raise ValueError('100%: a\\x00b, <c>')\n"
    "for epoch in range(a.epochs):\n"
    "    lrsweep.current_trial().report(epoch, val_loss=abs(a.lr - 1))\n"
)
RUN = ("run", "train.py", "--sampler", "grid", "--metric", "val_loss")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "train.py").write_text(SCRIPT)
    return tmp_path


def test_smoke_runs_four_short_trials_in_a_study_of_their_own(folder: Path) -> None:
    done = lrsweep(folder, *RUN, "-s", "lr=0.1:1", "--sampler", "random", "--smoke", "--json")
    document = json.loads(done.stdout)
    assert document["study"] == "train-smoke"
    assert document["trials"] == {"completed": 4}
    assert document["best"]["params"]["epochs"] == 2
    progress = [line for line in done.stderr.splitlines() if line.startswith("[")]
    assert len(progress) == 4


def test_the_verdict_is_the_exit_code_and_stands_in_the_junit_report(folder: Path) -> None:
    options = ("--junit", "out/report.xml", "--fail-above", "0.1")
    done = lrsweep(folder, *RUN, "-s", "lr=0.5,2.0", *options)
    assert done.returncode == 3
    assert "the best val_loss, 0.5, is above 0.1" in done.stderr
    suite = ET.parse(folder / "out/report.xml").getroot()
    [failure] = suite.findall("testcase[@name='sweep']/failure")
    assert failure.get("message") == "the best val_loss, 0.5, is above 0.1"


def test_github_is_told_where_the_run_is_there(folder: Path) -> None:
    github = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(folder / "summary.md")}
    (folder / "summary.md").write_text("before\n")
    options = ("-s", "lr=0.5,2.0", "--fail-above", "0.1", "--json")
    done = lrsweep(folder, *RUN, *options, **github)
    json.loads(done.stdout)
    said = [line for line in done.stderr.splitlines() if line.startswith("::")]
    assert said[0] == "::error title=sweep train::the best val_loss, 0.5, is above 0.1"
    assert said[1].startswith("::warning title=sweep train%2C trial 1::crashed")
    assert "100%25" in said[1]
    assert said[2] == "::notice title=sweep train::best val_loss 0.5 by trial 0"
    summary = (folder / "summary.md").read_text()
    assert summary.startswith("before\n# train\n")


def commands_of_the_page() -> list[str]:
    """Every lrsweep command of docs/ci.md, those of its workflow in order last."""
    text = PAGE.read_text("utf-8")
    shown = re.findall(r"```console\n(.*?)\n```", text, re.DOTALL)
    [workflow] = re.findall(r"```yaml\n(.*?)\n```", text, re.DOTALL)
    steps = yaml.safe_load(workflow)["jobs"]["sweep"]["steps"]
    return [*shown, *(step["run"] for step in steps if step.get("run", "").startswith("lrsweep"))]


def test_the_commands_of_the_page_work(folder: Path) -> None:
    assert lrsweep(folder, "init", "train.py").returncode == 0
    commands = commands_of_the_page()
    assert len(commands) == 4
    for command in commands:
        program, *arguments = shlex.split(command)
        assert program == "lrsweep"
        done = lrsweep(folder, *arguments)
        assert done.returncode == 0, done.stderr
    assert (folder / "report.xml").is_file()
    assert (folder / "report.md").is_file()
