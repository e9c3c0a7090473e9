"""Writes docs/cli.md, the help of every command, and docs/settings.md, every setting.

python docs/generate_reference.py            write the pages
python docs/generate_reference.py --check    exit 1 where a page is out of date
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import typer.main

from lrsweep.cli.main import app
from lrsweep.settings import DECLARED
from lrsweep.settings.declared import PANELS, Declared
from lrsweep.settings.methods import PRUNERS, SAMPLERS, describe

DOCS = Path(__file__).parent
WIDTH = 96  # of the help texts: one that a page shows without wrapping

# Commands and contexts are Click's objects or Typer's own copy of them, as Typer's version has it.
Command = Any
Context = Any


def commands() -> str:
    """The page: a heading and the plain help of each command, in the order of `lrsweep --help`."""
    parts = [
        "# Command line\n\n"
        "Made from the commands' own help by `python docs/generate_reference.py`; do not edit."
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


def settings() -> str:
    """The page: a table of settings for each panel of `lrsweep run --help`."""
    parts = [
        "# Settings\n\n"
        "Every setting of a sweep: its flag of `lrsweep run`, its key in `sweep.toml` and what it "
        "does.\nMade from their declarations by `python docs/generate_reference.py`; do not edit."
    ]
    for panel in PANELS:
        rows = [_row(one) for one in DECLARED if one.setting.panel == panel]
        parts.append("\n".join([f"## {panel}\n", "| flag | key | |", "|---|---|---|", *rows]))
    for title, methods in (("Samplers", SAMPLERS), ("Pruners", PRUNERS)):
        parts.append(f"## {title} and their parameters\n\n{describe(methods)}")
    return "\n\n".join(parts) + "\n"


def _row(one: Declared) -> str:
    flags = ", ".join(f"`{flag}`" for flag in one.flags)
    values = f" One of {', '.join(one.choices)}." if one.choices else ""
    known = all(choice in one.setting.help for choice in one.choices)
    text = (one.help + ("" if known else values)).replace("|", "\\|")
    return f"| {flags} | `{one.key}` | {text} |"


PAGES: dict[str, Callable[[], str]] = {"cli.md": commands, "settings.md": settings}


def main() -> int:
    parser = argparse.ArgumentParser(description="Write the pages that are made from the code.")
    parser.add_argument("--check", action="store_true", help="only say what is out of date")
    check = parser.parse_args().check
    old = []
    for name, make in PAGES.items():
        page, path = make(), DOCS / name
        if check and (not path.exists() or path.read_text(encoding="utf-8") != page):
            old.append(f"docs/{name}")
        elif not check:
            path.write_text(page, encoding="utf-8")
    if old:
        print(f"out of date: {', '.join(old)}: python docs/generate_reference.py", file=sys.stderr)
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main())
