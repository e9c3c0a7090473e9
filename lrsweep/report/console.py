"""The console that every text for people goes through: it obeys us and shows others."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from lrsweep.terms import printable_lines


class CleanConsole(Console):
    """A console on which no text is markup, and no text of others can be a control sequence."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            text = segment.text
            if segment.control or text.isprintable() or text == "\n":
                yield segment
            else:
                yield Segment(printable_lines(text), segment.style)
