"""`lrsweep explain`."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated

import typer

from lrsweep.errors import InputError


def _complete(incomplete: str) -> list[str]:
    from lrsweep.analysis.glossary import ENTRIES

    return [word for word in ENTRIES if word.startswith(incomplete)]


def explain(
    word: Annotated[
        list[str] | None,
        typer.Argument(
            help="A word of a report: a curve's label, an outcome, a verdict. Default: list them.",
            autocompletion=_complete,
            show_default=False,
        ),
    ] = None,
) -> None:
    """Explain a word of a report: what it means, how it is computed, what to do.

    \b
    lrsweep explain
    lrsweep explain overfitting
    lrsweep explain too slow
    """
    from rich.text import Text

    from lrsweep.analysis.glossary import ALIASES, ENTRIES, drawing, entry_of
    from lrsweep.cli.console import out_console

    console = out_console()
    if not word:
        for entry in ENTRIES.values():
            console.print(Text.assemble((entry.word, "bold"), f"  {entry.means}"))
        return
    asked = " ".join(word)
    found = entry_of(asked)
    if found is None:
        near = get_close_matches(asked.lower(), [*ENTRIES, *ALIASES], n=1)
        hint = f"did you mean {near[0]}?" if near else "lrsweep explain lists all words"
        raise InputError(f"{asked!r} is no word of a report", hint=hint)
    console.print(Text.assemble((found.word, "bold"), f"\n{found.means}"))
    for line in drawing(found):
        console.print(line, highlight=False, markup=False)
    console.print(f"Computed: {found.computed}\nWhat to do: {found.do}", highlight=False)
