"""`report --watch`: what a running sweep found so far, on a terminal and as a page."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.terminal import lrsweep

SCRIPT = """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
print("epoch 1 val_loss:", abs(parser.parse_args().lr - 0.1) + 0.1)
"""
RUN = ("run", "train.py", "-s", "lr=0.01:1", "--metric", "val_loss", "--sampler", "random", "-q")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "train.py").write_text(SCRIPT)
    assert lrsweep(tmp_path, *RUN, "-n", "1").returncode == 0
    return tmp_path


@contextmanager
def watching(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "lrsweep.cli.main", "report", "--watch", *arguments]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)
    assert process.returncode == 0


def wait_for(text: str, path: Path) -> None:
    deadline = time.monotonic() + 60
    while not (path.exists() and text in path.read_text(encoding="utf-8")):
        assert time.monotonic() < deadline, text
        time.sleep(0.1)


def test_the_page_follows_the_sweep_and_then_stands_still(folder: Path) -> None:
    page = folder / "page.html"
    with watching(folder, "--html", str(page)):
        wait_for("1: ", page)
        lrsweep(folder, *RUN, "-n", "3")
        wait_for("3: ", page)
        assert '"watch":5' in page.read_text(encoding="utf-8")
    assert '"watch":0' in page.read_text(encoding="utf-8")


def test_in_a_pipe_each_report_follows_the_last(folder: Path) -> None:
    with watching(folder) as process:
        assert process.stdout is not None
        lines = iter(process.stdout)
        assert any("1: 1 completed" in line for line in lines)
        lrsweep(folder, *RUN, "-n", "2")
        assert any("2: 2 completed" in line for line in lines)
