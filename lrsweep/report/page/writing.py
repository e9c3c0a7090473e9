"""The page as text: one file with its style, its script and its data."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from string import Template
from typing import Any

from lrsweep import __version__
from lrsweep.report.chart import Chart
from lrsweep.report.document import document
from lrsweep.report.page.data import page_data
from lrsweep.report.parts import Commands, Facts, Line, Log, Part, Sentence, Sentences, Table, Tone
from lrsweep.report.study_report import StudyReport
from lrsweep.store.read import StudyReader
from lrsweep.terms import printable

_LIMITS = (
    "PED-ANOVA: how far each parameter alone tells the best tenth of the completed trials from all "
    "of them. What two parameters do only together it does not see, and a parameter that was "
    "searched in a narrow range looks unimportant."
)


def to_html(
    report: StudyReport, reader: StudyReader, shares: Mapping[str, float], *, watch: int = 0
) -> str:
    """The page of `report`, which should list every trial.

    `watch` is after how many seconds the page loads itself again; 0 for never.
    """
    data = page_data(report, reader, shares, _LIMITS) | {"watch": watch}
    parts = [p for p in document(report) if not isinstance(p, Chart)]
    first = [p for p in parts if isinstance(p, Sentences) and not p.title]
    tables = [
        p
        for p in parts
        if isinstance(p, Table)
        and p.title.startswith("Best ")
        and not p.title.startswith("Best trials")
    ]
    rest = [p for p in parts if p not in first and not isinstance(p, Table)]
    name = printable(report.rows.name)
    return Template(_resource("page.html")).substitute(
        title=html.escape(f"{name} – lrsweep"),
        css=_resource("page.css"),
        name=html.escape(name),
        subtitle=html.escape(f"{printable(report.rows.metric)}, {report.rows.direction}"),
        first="\n".join(_blocks(first)),
        tables="\n".join(_blocks(tables)),
        rest="\n".join(_blocks(rest)),
        footer=html.escape(f"Written by lrsweep {__version__}."),
        data=_embedded(data),
        script=_resource("page.js"),
    )


def _resource(name: str) -> str:
    return (files("lrsweep.report.page") / name).read_text(encoding="utf-8")


def _embedded(data: Mapping[str, Any]) -> str:
    """JSON that no text in it can end the element of."""
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _blocks(parts: Iterable[Part]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Commands):
            for command in part.commands:
                yield f"<h3>{html.escape(command.title)}</h3>{_copy(command.line)}"
            continue
        title = f"<h2>{html.escape(part.title)}</h2>" if part.title else ""
        if isinstance(part, Sentences):
            yield title + (_sentences(part.sentences) if title else _answer(part.sentences))
        elif isinstance(part, Facts):
            yield f"{title}{_facts(part)}"
        elif isinstance(part, Table):
            yield f"{title}{_table(part)}"
        elif isinstance(part, Log):
            yield f"{title}<pre>{html.escape(chr(10).join(part.lines))}</pre>"


def _answer(sentences: Iterable[Sentence]) -> str:
    pairs = "".join(f"<dt>{html.escape(s.lead)}</dt><dd>{_sentence(s)}</dd>" for s in sentences)
    return f'<dl class="answer">{pairs}</dl>'


def _sentences(sentences: Iterable[Sentence]) -> str:
    return f"<ul>{''.join(f'<li>{_sentence(s)}</li>' for s in sentences)}</ul>"


def _sentence(sentence: Sentence) -> str:
    return html.escape(sentence.text) + (_copy(sentence.copy) if sentence.copy else "")


def _copy(line: str) -> str:
    return (
        f'<div class="copy"><pre tabindex="0">{html.escape(line)}</pre>'
        '<button type="button" class="copier">Copy</button></div>'
    )


def _facts(part: Facts) -> str:
    pairs = "".join(
        f"<dt>{html.escape(name)}</dt><dd>{_line(said)}</dd>" for name, said in part.pairs
    )
    return f'<dl class="facts">{pairs}</dl>'


def _table(part: Table) -> str:
    classes = ['class="n"' if h.numbers else "" for h in part.headings]
    heads = "".join(
        f'<th scope="col" {kind}>{html.escape(h.name)}</th>'
        for h, kind in zip(part.headings, classes, strict=True)
    )
    body = "".join(
        f'<tr class="{"best" if row.tone is Tone.GOOD else ""}">'
        + "".join(f"<td {k}>{_line(cell)}</td>" for cell, k in zip(row.cells, classes, strict=True))
        + "</tr>"
        for row in part.rows
    )
    note = f'<p class="note">{html.escape(part.note)}</p>' if part.note else ""
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="scroll" tabindex="0">{table}</div>{note}'


def _line(said: Line) -> str:
    return "".join(
        html.escape(piece.text)
        if piece.tone is Tone.PLAIN
        else f'<span class="{piece.tone}">{html.escape(piece.text)}</span>'
        for piece in said
    )
