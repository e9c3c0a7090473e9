"""Writes docs/cli.md, the help of every command, from the command line itself.

python docs/generate_cli_reference.py            write the page
python docs/generate_cli_reference.py --check    exit 1 where the page is out of date
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from lrsweep.cli.main import app

PAGE = Path(__file__).with_name("cli.md")
WIDTH = 96  # of the help texts: one that a page shows without wrapping

# Commands and contexts are Click's objects or Typer's own copy of them, as Typer's version has it.
Command = Any
Context = Any


def reference() -> str:
    """The page: a heading and the plain help of each command, in the order of `lrsweep --help`."""
    parts = [
        "# Command line\n\n"
        "Made from the commands' own help by `python docs/generate_cli_reference.py`; do not edit."
    ]
    for path, text in _helps(typer.main.get_command(app), "lrsweep", parent=None):
        parts.append(f"{'#' * (1 + len(path.split()))} `{path}`\n\n```text\n{text}\n```")
    return "\n\n".join(parts) + "\n"


def _helps(command: Command, name: str, parent: Context) -> Iterator[tuple[str, str]]:
    """(`lrsweep run`, its help) for `command` and all below it."""
    context = command.make_context(name, [], parent=parent, resilient_parsing=True)
    yield context.command_path, _help(command, context)
    if hasattr(command, "list_commands"):
        for child in command.list_commands(context):
            below = command.get_command(context, child)
            if not below.hidden:
                yield from _helps(below, child, context)


def _help(command: Command, context: Context) -> str:
    # The pieces one by one: the whole, `get_help`, draws boxes as wide as the terminal.
    formatter = context.formatter_class(width=WIDTH)
    command.format_usage(context, formatter)
    command.format_help_text(context, formatter)
    command.format_options(context, formatter)
    lines = (line.rstrip() for line in formatter.getvalue().strip().splitlines())
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description="Write docs/cli.md from the commands' help.")
    parser.add_argument("--check", action="store_true", help="only say whether it is up to date")
    check = parser.parse_args().check
    page = reference()
    if not check:
        PAGE.write_text(page, encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == page:
        return 0
    print("docs/cli.md is out of date: python docs/generate_cli_reference.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
