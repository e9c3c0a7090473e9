"""Draws docs/run.svg: the terminal of a real run, made from what the run really printed.

    python docs/draw_run.py [--columns 96]

Runs the README's first sweep in a pseudo-terminal in an empty folder, and draws its last screen.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import tempfile
from pathlib import Path

import pexpect
from rich.console import Console
from rich.text import Text

PICTURE = Path(__file__).with_name("run.svg")
COMMAND = "lrsweep run --space lr=1e-5:10 --sampler random"


def what_it_printed(columns: int) -> str:
    """Standard output of the run as a terminal of `columns` gets it, colours included."""
    program = Path(sys.executable).with_name("lrsweep")
    with tempfile.TemporaryDirectory() as folder:
        line = f"{program} {COMMAND.partition(' ')[2]} 2>progress"
        return str(
            pexpect.run(
                f"/bin/sh -c '{line}'",
                cwd=folder,
                env={**os.environ, "TERM": "xterm-256color", "COLUMNS": str(columns)},
                timeout=600,
                encoding="utf-8",
            )
        )


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw the terminal of a real run.")
    parser.add_argument("--columns", type=int, default=96)
    columns = parser.parse_args().columns
    console = Console(record=True, width=columns, file=io.StringIO())
    console.print(Text(f"$ {COMMAND}", style="bold"))
    console.print(Text.from_ansi(what_it_printed(columns)))
    console.save_svg(str(PICTURE), title="lrsweep")


if __name__ == "__main__":
    main()
