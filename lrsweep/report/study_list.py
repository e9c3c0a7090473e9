"""Lists of studies: those in a database, and those that come with lrsweep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from lrsweep.analysis.wording import duration, number
from lrsweep.errors import NotFound
from lrsweep.plan import BundledStudy
from lrsweep.report.document import minute, space_facts
from lrsweep.report.outcomes import count_outcomes
from lrsweep.report.parts import (
    Command,
    Commands,
    Facts,
    Heading,
    Part,
    Row,
    Said,
    Table,
    Tone,
    line,
)
from lrsweep.terms import printable
from lrsweep.trial import Outcome, StudyRows


def study_table(studies: Sequence[StudyRows]) -> Table:
    """Studies of a database, a row each, in the order given."""
    return Table(
        "",
        (
            Heading("study"),
            Heading("objective", rank=1),
            Heading("best", numbers=True),
            Heading("completed", numbers=True),
            Heading("wall", numbers=True, rank=3),
            Heading("created", rank=2),
        ),
        tuple(map(_study_row, studies)),
    )


def _study_row(rows: StudyRows) -> Row:
    best = rows.best
    cells: list[Said | str] = [
        Said(printable(rows.name), Tone.STRONG),
        printable(f"{rows.metric}, {rows.direction}"),
        "-" if best is None or best.value is None else number(best.value),
        f"{count_outcomes(rows).get(Outcome.COMPLETED, 0)} of {len(rows.trials)}",
        duration(rows.wall_s),
        "" if rows.created_at is None else minute(rows.created_at),
    ]
    return Row(tuple(map(line, cells)))


def bundled_table(studies: Sequence[BundledStudy]) -> Table:
    """The studies that come with lrsweep, a row each."""
    return Table(
        "",
        (Heading("study"), Heading("objective", rank=1), Heading("what it trains")),
        tuple(
            Row((line(Said(s.name, Tone.STRONG)), line(s.metric), line(s.description)))
            for s in studies
        ),
    )


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


def bundled_parts(study: BundledStudy) -> Iterator[Part]:
    """One bundled study, and how to run it."""
    yield Facts.of(
        "",
        [
            ("study", line(Said(study.name, Tone.STRONG))),
            ("trains", study.description),
            ("objective", study.metric),
            ("folder", str(study.folder)),
            ("read", str(study.folder / "README.md")),
        ],
    )
    yield space_facts("Space", study.space)
    yield Commands((Command("Run it", f"lrsweep run {study.name}"),))
