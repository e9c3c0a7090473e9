"""Lists of studies: those in a database, and those that come with lrsweep."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lrsweep.analysis.wording import duration, number
from lrsweep.errors import NotFound
from lrsweep.plan import BundledStudy
from lrsweep.report.outcomes import count_outcomes
from lrsweep.report.sections import print_command, print_section
from lrsweep.report.summary import facts, space_table
from lrsweep.trial import Outcome, StudyRows


def study_table(studies: Sequence[StudyRows]) -> Table:
    """Studies of a database, a line each, in the order given."""
    table = _table("study", "objective", "best", "completed", "wall", "created")
    for rows in studies:
        best = rows.best
        value = "-" if best is None or best.value is None else number(best.value)
        created = (
            "" if rows.created_at is None else f"{rows.created_at.astimezone():%Y-%m-%d %H:%M}"
        )
        table.add_row(
            Text(rows.name, style="bold"),
            Text(f"{rows.metric}, {rows.direction}"),
            value,
            f"{count_outcomes(rows).get(Outcome.COMPLETED, 0)} of {len(rows.trials)}",
            duration(rows.wall_s),
            created,
        )
    return table


def bundled_table(studies: Sequence[BundledStudy]) -> Table:
    """The studies that come with lrsweep, a line each."""
    table = _table("study", "objective", "what it trains")
    for study in studies:
        table.add_row(Text(study.name, style="bold"), Text(study.metric), Text(study.description))
    return table


def find_study(studies: Sequence[BundledStudy], name: str) -> BundledStudy:
    """The bundled study `name`; raises `NotFound` where there is none."""
    for study in studies:
        if study.name == name:
            return study
    names = [study.name for study in studies]
    near = get_close_matches(name, names, n=1)
    raise NotFound(
        f"lrsweep comes with no study {name!r}",
        hint=f"did you mean {near[0]}?" if near else f"it comes with {', '.join(names)}",
    )


def render_bundled(study: BundledStudy, console: Console) -> None:
    """One bundled study whole, and how to run it."""
    pairs: list[tuple[str, Text | str]] = [
        ("study", Text(study.name, style="bold")),
        ("trains", study.description),
        ("objective", study.metric),
        ("folder", str(study.folder)),
    ]
    print_section(console, None, facts(pairs))
    print_section(console, "Space", space_table(study.space))
    print_command(console, "Run it", f"lrsweep run {study.name}")
    print_command(console, "Read it", str(study.folder / "README.md"))


def _table(*headings: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table
