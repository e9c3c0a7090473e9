"""CSV files that grow: Lightning's sparse `metrics.csv`, timm's `summary.csv`."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from lrsweep.capture.records import row_of
from lrsweep.capture.rows import Row
from lrsweep.capture.tail import Tail


class TableReader:
    """Rows of a CSV or TSV file with a header, read from where it last stopped.

    Empty cells are left out, so that a row has the metrics that were measured then. A file that was
    written anew with more columns, as Lightning does when a metric appears, goes on after the rows
    that were read already.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._delimiter = "\t" if path.suffix == ".tsv" else ","
        self._begin()
        self._read = 0

    def _begin(self) -> None:
        self._tail = Tail(self._path)
        self._header: list[str] = []
        self._row = 0

    def read(self, *, ended: bool = False) -> Iterator[Row]:
        """Rows written since the last call; with `ended` a last one without a newline too."""
        if self._tail.rewritten():
            self._begin()
        for line in self._tail.lines(ended=ended):
            cells = self._cells(line)
            if not self._header:
                self._header = [cell.strip() for cell in cells]
                continue
            self._row += 1
            if self._row <= self._read or len(cells) != len(self._header):
                continue
            self._read = self._row
            row = row_of(dict(zip(self._header, cells, strict=True)))
            if row.values:
                yield row

    def _cells(self, line: str) -> list[str]:
        try:
            return next(csv.reader([line], delimiter=self._delimiter), [])
        except csv.Error:
            return []
