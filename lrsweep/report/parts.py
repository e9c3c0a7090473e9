"""What a report is made of, before anything is drawn: sentences, facts, tables, charts, commands.

A document is a sequence of parts in their order of importance. A renderer draws each kind of part;
it leaves out none, adds no words, and computes nothing but where things fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lrsweep.report.chart import Chart


class Tone(StrEnum):
    """How a text is meant, for renderers that have colours."""

    PLAIN = "plain"
    STRONG = "strong"
    GOOD = "good"
    BAD = "bad"
    WARN = "warn"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Said:
    """A piece of text and how it is meant."""

    text: str
    tone: Tone = Tone.PLAIN


Line = tuple[Said, ...]


def line(*pieces: str | Said) -> Line:
    """A line of text from its pieces, the empty ones left out."""
    said = (Said(piece) if isinstance(piece, str) else piece for piece in pieces)
    return tuple(piece for piece in said if piece.text)


def joined(lines: Iterable[Line], between: str = ", ") -> Line:
    """`lines` as one, with `between` between them."""
    pieces: list[Said] = []
    for index, one in enumerate(lines):
        pieces += [Said(between)] if index else []
        pieces += one
    return tuple(pieces)


def flat(text: Line) -> str:
    """The words alone."""
    return "".join(piece.text for piece in text)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence; `lead` is the question that it answers, `copy` a command that it ends in."""

    text: str
    lead: str = ""
    copy: str = ""


@dataclass(frozen=True, slots=True)
class Sentences:
    """Sentences under a title ("" for none), the most important first."""

    title: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and what they are."""

    title: str
    pairs: tuple[tuple[str, Line], ...]

    @classmethod
    def of(cls, title: str, pairs: Iterable[tuple[str, str | Line]]) -> Facts:
        """The facts among `pairs` that say something."""
        lines = ((name, line(fact) if isinstance(fact, str) else fact) for name, fact in pairs)
        return cls(title, tuple((name, fact) for name, fact in lines if flat(fact)))


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of a table. Where not all columns fit, those of the highest `rank` go first.

    `numbers` says that its cells are numbers, which stand to the right; `widest` is how many
    characters of a cell are shown where space is short.
    """

    name: str
    numbers: bool = False
    rank: int = 0
    widest: int = 26


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: a cell for each heading; `tone` is that of the whole line."""

    cells: tuple[Line, ...]
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings; `note` stands below."""

    title: str
    headings: tuple[Heading, ...]
    rows: tuple[Row, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Log:
    """Lines that a program wrote, shown as they are, without what a terminal would obey."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """A line to copy, and what it does."""

    title: str
    line: str


@dataclass(frozen=True, slots=True)
class Commands:
    """Lines to copy, the most useful first."""

    commands: tuple[Command, ...]


Part = Sentences | Facts | Table | Chart | Log | Commands
Parts = Sequence[Part]
