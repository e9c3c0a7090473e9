"""Draws docs/run.svg: the terminal of a real run, made from what the run really printed.

    python docs/draw_run.py [--columns 96]

Runs a sweep of the README in a pseudo-terminal in an empty folder, and draws what it printed at its
end. Only the paths of this machine are shortened, and the fonts are the reader's own.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
import tempfile
from pathlib import Path

import pexpect
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

PICTURE = Path(__file__).with_name("run.svg")
COMMAND = "lrsweep run --space lr=1e-5:10 --sampler random"


def what_it_printed(columns: int) -> str:
    """Standard output of the run as a terminal of `columns` gets it, colours included."""
    program = Path(sys.executable).with_name("lrsweep")
    with tempfile.TemporaryDirectory() as folder:
        line = f"{program} {COMMAND.partition(' ')[2]} 2>progress"
        printed = str(
            pexpect.run(
                f"/bin/sh -c '{line}'",
                cwd=folder,
                env={**os.environ, "TERM": "xterm-256color", "COLUMNS": str(columns)},
                timeout=600,
                encoding="utf-8",
            )
        )
    here = f"{Path(__file__).parents[1]}/"
    python = str(Path(sys.executable).resolve())
    for path, short in ((sys.executable, "python"), (python, "python"), (here, "")):
        printed = printed.replace(path, short)
    return printed.replace("\r\n", "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw the terminal of a real run.")
    parser.add_argument("--columns", type=int, default=96)
    columns = parser.parse_args().columns
    console = Console(record=True, width=columns, file=io.StringIO())
    console.print(Text(f"$ {COMMAND}", style="bold"))
    console.print(Text.from_ansi(what_it_printed(columns)))
    own_fonts = re.sub(
        r"@font-face \{\{.*?\}\}|<!--.*?-->", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL
    )
    console.save_svg(str(PICTURE), title="lrsweep", code_format=own_fonts)


if __name__ == "__main__":
    main()
