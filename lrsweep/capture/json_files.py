"""JSON that training scripts write: lines, one object of results, or a whole history."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from lrsweep.capture.records import row_of, rows_of
from lrsweep.capture.rows import Row
from lrsweep.capture.tail import Mark, Tail
from lrsweep.protocol import open_file

# A history is read whole each time it changes; one beyond this size is no history.
_LARGEST = 64 << 20
# Keys under which an object keeps its records: `trainer_state.json` has `log_history`.
_HISTORIES = ("log_history", "history", "metrics", "results")


class JsonLinesReader:
    """Rows of a file with one JSON object a line, but for what stood in it at `start`."""

    def __init__(self, path: Path, start: Mark | None = None) -> None:
        self._path = path
        appended = start is not None and start.is_appended_to(path)
        self._tail = Tail(path, start.size if start is not None and appended else 0)

    def read(self, *, ended: bool = False) -> Iterator[Row]:
        """Rows written since the last call; with `ended` a last one without a newline too."""
        if self._tail.rewritten():
            self._tail = Tail(self._path)
        for line in self._tail.lines(ended=ended):
            yield from rows_of([_parsed(line)])


class JsonReader:
    """Rows of files that hold one JSON document each, which is replaced as training continues.

    A list of objects, or an object that has one under `log_history`, is a history: the newest file
    tells it whole, and what was read already is left out. So is an object of lists, `{"loss": [0.5,
    0.4], "val_loss": [0.6, 0.5]}`. Any other object is one row, news when it differs from the last.
    `begins` gives, by path, what `beginning_of` said of the files before they were written to: a
    history that begins so still has grown since, and its beginning is left out.
    """

    def __init__(self, begins: Mapping[str, str] | None = None) -> None:
        self._begins = begins or {}
        self._seen: tuple[Path, int, int] | None = None
        self._told = 0
        self._last: Row | None = None

    def read(self, path: Path) -> Iterator[Row]:
        """Rows of the document at `path` that were not told yet."""
        try:
            stat = os.stat(path)
            mark = (path, stat.st_mtime_ns, stat.st_size)
            if mark == self._seen or stat.st_size > _LARGEST:
                return
        except OSError:
            return
        text = read_document(path)
        document = _parsed(text)
        if document is None:
            return  # half written: it is read again when it has changed
        self._seen = mark
        records = _history(document)
        if records is not None:
            known, _, checksum = self._begins.get(str(path), "0:").partition(":")
            if not self._told and checksum and _checksum(records[: int(known)]) == checksum:
                self._told = int(known)
            news, self._told = records[self._told :], max(self._told, len(records))
            yield from rows_of(news)
        elif isinstance(document, Mapping):
            row = row_of(document)
            if row.values and row != self._last:
                self._last = row
                yield row


def read_document(path: Path) -> str:
    """The text of a file; empty where it is none that can be read."""
    file = open_file(path)
    if file is None:
        return ""
    with file:
        return file.read(_LARGEST).decode("utf-8", errors="replace")


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def beginning_of(path: Path) -> str:
    """How many records the history at `path` has, and a checksum of them; empty for none."""
    records = _history(_parsed(read_document(path)))
    return "" if records is None else f"{len(records)}:{_checksum(records)}"


def _checksum(records: Sequence[object]) -> str:
    return str(zlib.crc32(json.dumps(records).encode()))


def _history(document: object) -> Sequence[object] | None:
    """The records of a document that is a history; None for any other document."""
    if isinstance(document, list):
        return document
    if not isinstance(document, Mapping):
        return None
    for key in _HISTORIES:
        found = document.get(key)
        if isinstance(found, list) and any(isinstance(record, Mapping) for record in found):
            return found
    columns = {name: values for name, values in document.items() if isinstance(values, list)}
    if not columns or len(columns) != len(document) or len(set(map(len, columns.values()))) != 1:
        return None
    rows = zip(*columns.values(), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in rows]
