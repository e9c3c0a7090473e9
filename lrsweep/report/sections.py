"""How a report is set: sections under a heading, and commands that can be copied."""

from __future__ import annotations

from rich.console import Console, RenderableType
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
