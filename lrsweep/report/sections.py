"""How a report is set: sections under a heading, and commands that can be copied."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text


def print_section(console: Console, title: str | None, part: RenderableType) -> None:
    """A heading (none where `title` is None), `part`, and an empty line."""
    if title is not None:
        console.print(Text(title, style="bold"))
    console.print(part)
    console.print()


def print_command(console: Console, title: str, command: str) -> None:
    """A command on a line of its own; nothing breaks it, so that it can be copied."""
    console.print(Text(title, style="bold"))
    console.print(Text(f"  {command}", style="cyan"), soft_wrap=True)


def facts(pairs: Iterable[tuple[str, Text | str]]) -> Table:
    """A name and what it is, a pair a line; pairs with nothing to say are left out."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, fact in pairs:
        text = fact if isinstance(fact, Text) else Text(fact)
        if text.plain:
            grid.add_row(Text(name), text)
    return grid
