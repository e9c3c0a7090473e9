"""Running lrsweep as a person does: a program in a folder, and in a terminal of a given width."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pexpect
import pyte

_PROGRAM = [sys.executable, "-m", "lrsweep.cli.main"]
# A digits sweep that takes seconds: two trials of one pass over the data.
QUICK = ("-s", "lr=0.01,1.0", "--set", "epochs=1", "--sampler", "grid")


def lrsweep(folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run `lrsweep ARGUMENTS` in `folder`, with its output in pipes."""
    return subprocess.run(
        [*_PROGRAM, *arguments],
        cwd=folder,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def in_terminal(folder: Path, *arguments: str, columns: int, rows: int = 50) -> list[str]:
    """The lines of a terminal of that size after `lrsweep ARGUMENTS` has ended in it."""
    screen = pyte.Screen(columns, rows)
    stream = pyte.Stream(screen)
    child = pexpect.spawn(
        _PROGRAM[0],
        [*_PROGRAM[1:], *arguments],
        cwd=str(folder),
        env={**_without_size(), "TERM": "xterm-256color"},
        dimensions=(rows, columns),
        encoding="utf-8",
        timeout=120,
    )
    while True:
        try:
            stream.feed(child.read_nonblocking(4096, timeout=120))
        except pexpect.EOF:
            break
    child.close()
    return [line.rstrip() for line in screen.display]


def _without_size() -> dict[str, str]:
    """The environment, less what would speak of another terminal's size."""
    return {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
