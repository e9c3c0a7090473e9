"""Every metric that can be seen in the lines of a program's output."""

from __future__ import annotations

import json
import re

from lrsweep.capture.numbers import NUMBER
from lrsweep.capture.records import row_of
from lrsweep.capture.rows import NOTHING, Position, Row
from lrsweep.capture.shapes import Shape, shape_of
from lrsweep.capture.vocabulary import position_word
from lrsweep.terms import is_measure

_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_BAR = re.compile(r"[█▉▊▋▌▍▎▏━╸╺]+[█▉▊▋▌▍▎▏━╸╺ ]*|\|#*\d?\s*\||\[[=>.#\- ]{3,}\]")
_BAR_SIGNS = ("%|", "━", "=]", ".]", ">]")
_BORDERS = re.compile(r"[|│┃║,;\t]")
_HEADER = re.compile(r"[\s|│┃║#]*(?:global_)?(?:epoch|step|iter|iteration|round)\b", re.IGNORECASE)
_LONGEST_LINE = 1 << 14
_SHAPES = 4096


class LineParser:
    """Reads lines in order: a table's header gives its rows their names, `Epoch 3/10` gives the
    lines after it their epoch."""

    def __init__(self) -> None:
        self._shapes: dict[tuple[str, ...], Shape] = {}
        self._columns: tuple[str, ...] = ()
        self._separated = False
        self._epoch: float | None = None
        self._epochs: float | None = None

    def parse(self, line: str) -> Row:
        """The metrics in one line and its position; nothing where there are none. Never raises."""
        if len(line) > _LONGEST_LINE:
            return NOTHING
        line = without_escapes(line)
        if line.lstrip()[:1] == "{" and (row := _json_row(line)) is not None:
            return self._place(row)
        if any(sign in line for sign in _BAR_SIGNS):
            line = _BAR.sub(" ", line)
        parts = NUMBER.split(line)
        if len(parts) == 1:
            self._read_header(line)
            return NOTHING
        shape = self._shape(tuple(parts[::2]))
        row = self._table_row(line) if shape.only_numbers else shape.fill(parts[1::2])
        return self._place(row)

    def _shape(self, texts: tuple[str, ...]) -> Shape:
        shape = self._shapes.get(texts)
        if shape is None:
            if len(self._shapes) >= _SHAPES:
                self._shapes.clear()
            shape = self._shapes[texts] = shape_of(texts)
        return shape

    def _place(self, row: Row) -> Row:
        """Remember the epoch that a line names, and give it to one that names none."""
        position = row.position
        if position.epoch is not None:
            self._epoch, self._epochs = position.epoch, position.epochs
            return row
        if self._epoch is None or not row.values:
            return row
        return Row(
            row.values,
            Position(
                epoch=self._epoch,
                epochs=self._epochs,
                step=position.step,
                steps=position.steps,
                examples=position.examples,
                bar=position.bar,
                inherited=True,
            ),
        )

    def _read_header(self, line: str) -> None:
        if _HEADER.match(line) is None:
            return
        separated = _BORDERS.search(line.strip()) is not None
        names = _cells(line, separated)
        if len(names) > 1 and position_word(names[0]) and any(map(is_measure, names)):
            self._columns, self._separated = names, separated

    def _table_row(self, line: str) -> Row:
        cells = _cells(line, self._separated)
        if not self._columns or len(cells) != len(self._columns):
            return NOTHING
        return row_of(dict(zip(self._columns, cells, strict=True)))


def without_escapes(line: str) -> str:
    """`line` without the terminal's colour and cursor codes."""
    return _ESCAPE.sub("", line) if "\x1b" in line else line


def _json_row(line: str) -> Row | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row_of(record) if isinstance(record, dict) else NOTHING


def _cells(line: str, separated: bool) -> tuple[str, ...]:
    if not separated:
        return tuple(line.split())
    return tuple(cell.strip() for cell in _BORDERS.split(line.strip().strip("|│┃║")))
