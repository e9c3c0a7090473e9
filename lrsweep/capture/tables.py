"""CSV files that grow: Lightning's sparse `metrics.csv`, timm's `summary.csv`."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from lrsweep.capture.numbers import Mark as Decimals
from lrsweep.capture.records import row_of
from lrsweep.capture.rows import Row
from lrsweep.capture.tail import Mark, Tail
from lrsweep.protocol import open_file

_BLOCK = 1 << 20


class TableReader:
    """Rows of a CSV or TSV file with a header, read from where it last stopped.

    What stood in it at `start` is left out, but for the header where more was appended. Empty cells
    are left out, so that a row has the metrics that were measured then. A file that was written
    again with more columns, as Lightning does when a metric appears, continues after the rows that
    were read already.
    """

    def __init__(self, path: Path, start: Mark | None = None) -> None:
        self._path = path
        self._delimiter = "\t" if path.suffix == ".tsv" else ","
        self._mark: Decimals | None = Decimals.POINT
        self._read = 0
        if start is not None and start.is_appended_to(path):
            self._read = _rows_within(path, start.size)
        self._begin()

    def _begin(self) -> None:
        self._tail = Tail(self._path)
        self._header: list[str] = []
        self._row = 0

    def read(self, *, ended: bool = False) -> Iterator[Row]:
        """Rows written since the last call; with `ended` a last one without a newline too."""
        if self._tail.rewritten():
            self._begin()
        for line in self._tail.lines(ended=ended):
            if not self._header and ";" in line and self._delimiter == "," and "," not in line:
                # As spreadsheets write it where the comma is the mark of decimals.
                self._delimiter, self._mark = ";", Decimals.COMMA
            cells = self._cells(line)
            if not self._header:
                self._header = [cell.strip() for cell in cells]
                continue
            self._row += 1
            if self._row <= self._read or len(cells) != len(self._header):
                continue
            self._read = self._row
            row = row_of(dict(zip(self._header, cells, strict=True)), self._mark)
            if row.values:
                yield row

    def _cells(self, line: str) -> list[str]:
        try:
            return next(csv.reader([line], delimiter=self._delimiter), [])
        except csv.Error:
            return []


def _rows_within(path: Path, size: int) -> int:
    """How many rows after the header end within the first `size` bytes of a file."""
    file = open_file(path)
    if file is None:
        return 0
    with file:
        lines, left = 0, size
        while left > 0 and (block := file.read(min(_BLOCK, left))):
            left -= len(block)
            lines += block.count(b"\n")
    return max(0, lines - 1)
