"""Every metric that can be seen in the lines of a program's output."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import replace

from lrsweep.capture.numbers import NUMBER, Mark
from lrsweep.capture.quoted import Quoted, is_settings
from lrsweep.capture.records import row_of
from lrsweep.capture.rows import NOTHING, Form, Row
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
        self._mark: Mark | None = None
        self._epoch: float | None = None
        self._epochs: float | None = None
        self._fold: int | None = None
        self._folds: int | None = None
        self._quoted = Quoted()

    @property
    def quotes(self) -> bool:
        """Whether the next line may belong to a quotation that has begun."""
        return self._quoted.is_open

    def parse(self, line: str) -> Row:
        """The metrics in one line and its position; nothing where there are none. Never raises."""
        if len(line) > _LONGEST_LINE:
            return NOTHING
        line = without_escapes(line)
        if not line.isascii():
            line = unicodedata.normalize("NFC", line)
        if self._quoted.is_open and self._quoted.holds(line):
            return NOTHING
        row = self._read(line)
        return NOTHING if len(row.values) > 1 and self._tells_settings(row, line) else row

    def _tells_settings(self, row: Row, line: str) -> bool:
        return (row.position.inherited or not row.position.is_known) and is_settings(line)

    def _read(self, line: str) -> Row:
        if line.lstrip()[:1] == "{" and (row := _json_row(line)) is not None:
            return self._place(row)
        bar = any(sign in line for sign in _BAR_SIGNS)
        if bar:
            line = _BAR.sub(" ", line)
        parts = NUMBER.split(line)
        if len(parts) == 1:
            if not self._quoted.holds(line):
                self._read_header(line)
            return NOTHING
        shape = self._shape(tuple(parts[::2]))
        if shape.may_be_quoted and self._quoted.holds(line):
            return NOTHING
        if shape.only_numbers:
            return self._place(self._table_row(line))
        if self._mark is None and shape.metrics:
            self._mark = shape.mark(parts[1::2])
        row = self._place(shape.fill(parts[1::2], self._mark))
        return replace(row, form=Form.BAR) if bar and row.values else row

    def _shape(self, texts: tuple[str, ...]) -> Shape:
        shape = self._shapes.get(texts)
        if shape is None:
            if len(self._shapes) >= _SHAPES:
                self._shapes.clear()
            shape = self._shapes[texts] = shape_of(texts)
        return shape

    def _place(self, row: Row) -> Row:
        """Remember the epoch and the fold that a line names, for lines that name none."""
        position = row.position
        if position.fold is not None:
            if position.fold != self._fold:
                self._epoch = self._epochs = None
            self._fold, self._folds = position.fold, position.folds or self._folds
        elif self._fold is not None and row.values:
            position = replace(position, fold=self._fold)
        if position.fold is not None and position.folds is None:
            position = replace(position, folds=self._folds)
        form = row.form
        if position.epoch is not None:
            self._epoch, self._epochs = position.epoch, position.epochs
        elif self._epoch is not None and row.values:
            position = replace(position, epoch=self._epoch, epochs=self._epochs, inherited=True)
            form = Form.AFTER_EPOCH if form is Form.LINE else form
        if position is row.position and form is row.form:
            return row
        return replace(row, position=position, form=form)

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
        return with_form(row_of(dict(zip(self._columns, cells, strict=True))))


def without_escapes(line: str) -> str:
    """`line` without the terminal's colour and cursor codes."""
    return _ESCAPE.sub("", line) if "\x1b" in line else line


def with_form(row: Row) -> Row:
    """A record that was printed has the form of the line that it is."""
    position = row.position
    if position.step is not None or position.examples is not None:
        # A record that names both, as trainers print after an epoch, is no line within one.
        return replace(row, form=Form.STEP if position.epoch is None else Form.EPOCH)
    return replace(row, form=Form.LINE if position.epoch is None else Form.EPOCH)


def _json_row(line: str) -> Row | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return with_form(row_of(record)) if isinstance(record, dict) else NOTHING


def _cells(line: str, separated: bool) -> tuple[str, ...]:
    if not separated:
        return tuple(line.split())
    return tuple(cell.strip() for cell in _BORDERS.split(line.strip().strip("|│┃║")))
