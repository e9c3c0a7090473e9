"""Reads a program's growing output: bytes in, reports out."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from lrsweep.capture.curves import Curves
from lrsweep.capture.kinds import Kinds
from lrsweep.capture.lines import LineParser, without_escapes
from lrsweep.capture.numbers import to_float
from lrsweep.capture.quoted import Settings
from lrsweep.capture.regex import MetricRegex
from lrsweep.capture.spec import CaptureSpec
from lrsweep.capture.tail import Growth
from lrsweep.capture.vocabulary import SYNONYMS
from lrsweep.terms import is_measure
from lrsweep.terms.metrics import tokens
from lrsweep.trial import Report

_LONGEST_LINE = 1 << 20
_BACKSPACES = re.compile(rb"\x08+")


class OutputReader:
    """Reads a growing log from where it last stopped; memory stays bounded.

    The same shape as `lrsweep.protocol.EventReader`. A file that does not exist yet reads as empty.
    Any bytes may be in it; lines without metrics are skipped, and of very many lines that are alike
    some are left out (see `lrsweep.capture.kinds`). `finish` reads what the end of the program
    leaves: a last line without a newline, and the last line of every kind.
    """

    def __init__(
        self,
        path: Path,
        spec: CaptureSpec,
        trial: int,
        attempt: int,
        offset: int = 0,
        *,
        curves: Curves | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.curves = Curves(spec, trial, attempt) if curves is None else curves
        self._path = path
        self._growth = Growth(path, offset)
        self._now = now
        self._torn = b""
        self._regex = None if spec.regex is None else MetricRegex(spec.regex)
        self._kinds = Kinds(keyword=next(reversed(tokens(spec.metric)), ""))
        self._parser = LineParser()
        self._settings = Settings()
        self._own = curves is None
        self._names = _names(spec.metric)
        # The newest line that names the metric, as long as it was not read from any.
        self.unread = ""

    def read(self) -> Iterator[Report]:
        """Reports from what was appended since the last call, oldest first."""
        for chunk in self._growth.chunks():
            yield from self._digest(chunk)

    def finish(self, *, killed: bool = False) -> Iterator[Report]:
        """Reports that were still to come when the program ended, and the last of every curve.

        Of one that was `killed`, a last line without its end may be half a number, and is left out.
        """
        for chunk in self._growth.chunks(ended=True):
            yield from self._digest(chunk)
        if not killed:
            yield from self._digest(b"\n")
        at = self._now()
        for line, redrawn, skipped in self._kinds.rest():
            yield from self._reports(line, redrawn, skipped, at)
        for text in self._settings.rest():
            yield from self._rows(text, False, 0, at)
        if self._own:
            yield from self.curves.finish(at)

    @property
    def passed_over(self) -> int:
        """How many bytes were not read, since they came faster than can be read."""
        return self._growth.passed_over

    def _digest(self, chunk: bytes) -> Iterator[Report]:
        at = self._now()
        for lines, redrawn in self._lines(chunk):
            for line, skipped in self._kinds.choose(lines, redrawn=redrawn):
                yield from self._reports(line, redrawn, skipped, at)

    def _lines(self, chunk: bytes) -> Iterator[tuple[list[bytes], bool]]:
        """Whole lines in order, and whether they were drawn one over the other."""
        data = self._torn + chunk
        if b"\x08" in data:
            data = _BACKSPACES.sub(b"\r", data)
        *lines, last = data.split(b"\n")
        if b"\r" not in data:
            self._torn = last
            yield lines, False
        else:
            for line in lines:
                parts = line.removesuffix(b"\r").split(b"\r")
                yield parts, len(parts) > 1
            parts, self._torn = _drawn_so_far(last)
            yield parts, True
        # Too long to be read, and long enough to be still known as such when its end comes.
        self._torn = self._torn[:_LONGEST_LINE]

    def _reports(self, raw: bytes, redrawn: bool, skipped: int, at: float) -> Iterator[Report]:
        line = raw.decode(errors="replace")
        if self._regex is not None and (found := self._regex.search(without_escapes(line))):
            value = to_float(found.value) if found.value else None
            if value is not None:
                yield from self.curves.add_objective(value, found.step, at, skipped=skipped)
        if redrawn or self._settings.closed or self._parser.quotes:
            yield from self._rows(line, redrawn, skipped, at)
            return
        for text in self._settings.take(line):
            yield from self._rows(text, redrawn, skipped, at)
        if self._settings.closed:
            for text in self._settings.rest():
                yield from self._rows(text, False, 0, at)

    def _rows(self, line: str, redrawn: bool, skipped: int, at: float) -> Iterator[Report]:
        row = self._parser.parse(line)
        if not self._settings.closed:
            self._settings.closed = row.position.is_known or any(map(is_measure, row.values))
        if row.values:
            source = self._path.name
            yield from self.curves.add(row, source, at, redrawn=redrawn, skipped=skipped)
        if not self.curves.has_objective and self._names.search(line):
            self.unread = line


def _drawn_so_far(line: bytes) -> tuple[list[bytes], bytes]:
    """The parts of an unfinished line that were drawn over, and the part that was not.

    A carriage return at the end may yet be half of a line end, and is left for later.
    """
    head, drawn_over, tail = line.rpartition(b"\r")
    if not tail:
        head, drawn_over, tail = head.rpartition(b"\r")
        tail += b"\r" if line.endswith(b"\r") else b""
    if not drawn_over:
        return [], line
    return head.split(b"\r"), b"\r" + tail


def _names(metric: str) -> re.Pattern[str]:
    """Finds a metric in a text, however it is spelled."""
    spellings = (
        [word, *(other for other, same in SYNONYMS.items() if same == SYNONYMS.get(word, word))]
        for word in tokens(metric)
    )
    words = (f"(?:{'|'.join(map(re.escape, dict.fromkeys(one)))})" for one in spellings)
    joined = r"[\W_]{0,3}".join(words)
    return re.compile(rf"(?<![^\W_]){joined}(?![^\W_])" if joined else r"(?!)", re.IGNORECASE)
