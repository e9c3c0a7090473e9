"""The cheap look at a line that comes before any reading: have there been enough like it?

Lines that differ in digits, signs, blanks and bars only are of one kind. Every line of a kind is
read up to its 10 000th, then every 10th, from the 100 000th on every 100th, and so on. The last
line of a kind is always read. So a script may print gigabytes, and a rare line among many (an
evaluation, a value that became nan) is still read each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_EVERY_LINE = 10_000
_MOST_KINDS = 512
_SAME = bytes(set(b"0123456789.,+- \t#=>|\r%/") | set(range(128, 256)))
_OTHERS = b""


@dataclass(slots=True)
class _Kind:
    """How many lines there were, which was read last, which is due next, and the one at hand."""

    lines: int = 0
    read: int = 0
    due: int = 1
    line: bytes = b""
    redrawn: bool = False


class Kinds:
    """Chooses the lines that are worth reading; what it chooses depends on the lines alone.

    A script that invents kinds without end is followed up to 512 of them; later ones count as one
    kind, of which only lines with the `keyword` are read.
    """

    def __init__(self, keyword: str) -> None:
        self._keyword = keyword.lower().encode()
        self._kinds: dict[bytes, _Kind] = {}

    def choose(self, lines: Sequence[bytes], *, redrawn: bool) -> Iterator[tuple[bytes, int]]:
        """The lines to read, each with how many of its kind were left out just before."""
        if not lines:
            return
        keys = b"\n".join(lines).translate(None, _SAME).split(b"\n")
        for key, line in zip(keys, lines, strict=True):
            kind = self._kinds.get(key) or self._begin(key, line)
            if kind is None:
                continue
            kind.lines += 1
            if kind.lines < kind.due:
                kind.line, kind.redrawn = line, redrawn
            else:
                yield line, self._read(kind)

    def rest(self) -> Iterator[tuple[bytes, bool, int]]:
        """The last line of every kind that was left out, how it was drawn, how many came before."""
        for kind in self._kinds.values():
            if kind.read < kind.lines:
                yield kind.line, kind.redrawn, self._read(kind)

    def _begin(self, key: bytes, line: bytes) -> _Kind | None:
        if len(self._kinds) >= _MOST_KINDS:
            if self._keyword not in line.lower():
                return None
            key = _OTHERS
        return self._kinds.setdefault(key, _Kind())

    def _read(self, kind: _Kind) -> int:
        skipped = kind.lines - kind.read - 1
        kind.read = kind.lines
        kind.due = kind.lines + _stride(kind.lines)
        return skipped


def _stride(lines: int) -> int:
    """1 below 10 000 lines, 10 below 100 000, …"""
    stride = 1
    while lines >= _EVERY_LINE * stride:
        stride *= 10
    return stride
