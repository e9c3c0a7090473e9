"""Parts of a report in GitHub's Markdown, for pull requests and notes."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator

from lrsweep.report.chart import Chart
from lrsweep.report.console import CleanConsole
from lrsweep.report.document import document
from lrsweep.report.parts import Commands, Facts, Log, Part, Sentence, Sentences, Table, flat
from lrsweep.report.plot import Plot
from lrsweep.report.study_report import StudyReport
from lrsweep.terms import printable

# An underscore inside a word is no markup: `val_loss` stays as it is.
_SPECIAL = re.compile(r"([\\`*{}\[\]<>|#~]|(?<!\w)_|_(?!\w))")
_PLOT_WIDTH = 90


def to_markdown(report: StudyReport) -> str:
    """The whole report."""
    title = f"# {_escaped(report.rows.name)}"
    return "\n\n".join([title, *markdown_parts(document(report))]) + "\n"


def markdown_parts(parts: Iterable[Part]) -> Iterator[str]:
    """Each part as a block of Markdown, with its title as a heading."""
    for part in parts:
        if isinstance(part, Commands):
            for command in part.commands:
                yield f"## {_escaped(command.title)}"
                yield _fenced(command.line, "sh")
            continue
        if part.title:
            yield f"## {_escaped(part.title)}"
        if isinstance(part, Chart):
            yield _fenced(_drawn(part).rstrip("\n"), "text")
        elif isinstance(part, Sentences):
            yield "\n".join(map(_bullet, part.sentences))
        elif isinstance(part, Facts):
            yield "\n".join(f"- {_escaped(name)}: {_escaped(flat(f))}" for name, f in part.pairs)
        elif isinstance(part, Table):
            yield _table(part)
        elif isinstance(part, Log):
            yield _fenced("\n".join(part.lines), "text")


def _table(part: Table) -> str:
    lines = [
        _line(_escaped(heading.name) for heading in part.headings),
        _line("---:" if heading.numbers else "---" for heading in part.headings),
        *(_line(_escaped(flat(cell)) for cell in row.cells) for row in part.rows),
    ]
    return "\n".join([*lines, *(["", _escaped(part.note)] if part.note else [])])


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _bullet(sentence: Sentence) -> str:
    lead = f"**{_escaped(sentence.lead)}:** " if sentence.lead else ""
    copy = f"\n\n  {_fenced(sentence.copy, 'sh', '  ')}" if sentence.copy else ""
    return f"- {lead}{_escaped(sentence.text)}{copy}"


def _fenced(text: str, language: str, indent: str = "") -> str:
    """`text` in a fence longer than any within it."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    inside = "\n".join(f"{indent}{one}" for one in text.split("\n"))
    return f"{fence}{language}\n{inside}\n{indent}{fence}"


def _drawn(chart: Chart) -> str:
    """The chart without colours and without its title."""
    text = io.StringIO()
    console = CleanConsole(file=text, width=_PLOT_WIDTH, color_system=None, legacy_windows=False)
    console.print(Plot(chart))
    return text.getvalue().partition("\n")[2]


def _escaped(text: str) -> str:
    """`text` as Markdown shows it: on one line, nothing in it taken for markup."""
    return _SPECIAL.sub(r"\\\1", " ".join(printable(text).split()))
