"""What is appended to a file, as it comes: in bounded pieces, and never waiting for a writer."""

from __future__ import annotations

import math
import os
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from lrsweep.protocol import open_file

_READ_CHUNK = 1 << 18
_LONGEST_LINE = 1 << 20
_BEGINNING = 1 << 12
# How long one look at a file may take, and how far its reader may fall behind, in bytes.
_LOOK_S = 0.1
_LAST_LOOK_S = 5.0
_MOST_BEHIND = 64 << 20
_CAUGHT_UP = 1 << 20


def data_from(file: FileIO, offset: int) -> int:
    """Where the next bytes from `offset` on are that no hole has taken the place of."""
    try:
        return os.lseek(file.fileno(), offset, os.SEEK_DATA)
    except (OSError, AttributeError):  # nothing but a hole, or a system without holes
        return offset


class Growth:
    """The bytes of a growing file from `offset` on, each once.

    One call of `chunks` reads what there is when it begins, but no longer than a moment: the rest
    comes with the next call. Where the writer is so fast that the reader falls far behind, what
    lies between is passed over, from a line's end to a line's end; `passed_over` counts its bytes.
    """

    def __init__(self, path: Path, offset: int = 0) -> None:
        self._path = path
        self.offset = offset
        self.passed_over = 0

    def chunks(self, *, ended: bool = False) -> Iterator[bytes]:
        """What was appended since the last call; all of it where the writer has `ended`."""
        file = open_file(self._path)
        if file is None:
            return
        until = time.monotonic() + (_LAST_LOOK_S if ended else _LOOK_S)
        with file:
            facts = os.fstat(file.fileno())
            size = facts.st_size
            behind = min(size - self.offset, facts.st_blocks * 512)
            torn = self._pass_over(size) if behind > _MOST_BEHIND and not ended else False
            while self.offset < size:
                if (data := data_from(file, self.offset)) > self.offset:
                    self.passed_over += data - self.offset
                    self.offset, torn = data, True
                if time.monotonic() >= until:
                    if not ended or size - self.offset <= _CAUGHT_UP:
                        return
                    torn, until = self._pass_over(size), math.inf
                file.seek(self.offset)
                chunk = file.read(min(_READ_CHUNK, size - self.offset))
                if not chunk:
                    return
                self.offset += len(chunk)
                if torn:
                    # The rest of a line whose beginning was passed over is no line.
                    chunk, torn = b"\n" + chunk.partition(b"\n")[2], False
                yield chunk

    def _pass_over(self, size: int) -> bool:
        self.passed_over += size - _CAUGHT_UP - self.offset
        self.offset = size - _CAUGHT_UP
        return True


@dataclass(frozen=True, slots=True)
class Mark:
    """How a file stood at one time: what was written later is told by it.

    `beginning` and `end` are checksums of its first and of its last bytes.
    """

    size: int
    changed_ns: int
    inode: int
    beginning: int
    end: int

    @classmethod
    def of(cls, path: Path) -> Mark | None:
        """The mark of a file as it is now; None where there is no regular file."""
        file = open_file(path)
        if file is None:
            return None
        with file:
            facts = os.fstat(file.fileno())
            beginning, end = _ends(file, facts.st_size)
            return cls(facts.st_size, facts.st_mtime_ns, facts.st_ino, beginning, end)

    def is_unchanged(self, path: Path) -> bool:
        """Whether the file has not been written since."""
        try:
            facts = os.stat(path)
        except OSError:
            return False
        now = (facts.st_size, facts.st_mtime_ns, facts.st_ino)
        return now == (self.size, self.changed_ns, self.inode)

    def is_appended_to(self, path: Path) -> bool:
        """Whether what stood in the file stands there still, and more may follow."""
        file = open_file(path)
        if file is None:
            return False
        with file:
            if os.fstat(file.fileno()).st_size < self.size:
                return False
            return _ends(file, self.size) == (self.beginning, self.end)


def _ends(file: FileIO, size: int) -> tuple[int, int]:
    file.seek(0)
    beginning = zlib.crc32(file.read(min(_BEGINNING, size)))
    start = max(0, size - _BEGINNING)
    file.seek(start)
    return beginning, zlib.crc32(file.read(size - start))


class Tail:
    """Whole lines of a growing file, each once; a file that cannot be read has none."""

    def __init__(self, path: Path, offset: int = 0) -> None:
        self._path = path
        self._growth = Growth(path, offset)
        self._torn = b""
        self._beginning = b""

    def rewritten(self) -> bool:
        """Whether the file no longer begins as it did: it was written again."""
        file = open_file(self._path)
        if file is None:
            return False
        with file:
            if os.fstat(file.fileno()).st_size < self._growth.offset:
                return True
            return file.read(len(self._beginning)) != self._beginning

    def lines(self, *, ended: bool = False) -> Iterator[str]:
        """Lines appended since the last call; with `ended` a last one without a newline too."""
        for chunk in self._growth.chunks(ended=ended):
            if len(self._beginning) < _BEGINNING:
                self._remember()
            *lines, self._torn = (self._torn + chunk).split(b"\n")
            self._torn = self._torn[:_LONGEST_LINE]
            for line in lines:
                yield line.removesuffix(b"\r").decode(errors="replace")
        if ended and self._torn:
            last, self._torn = self._torn, b""
            yield last.decode(errors="replace")

    def _remember(self) -> None:
        file = open_file(self._path)
        if file is not None:
            with file:
                self._beginning = file.read(min(_BEGINNING, self._growth.offset))
