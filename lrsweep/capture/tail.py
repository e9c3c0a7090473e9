"""The lines that are appended to a text file, as they come."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_READ_CHUNK = 1 << 20
_LONGEST_LINE = 1 << 20
_BEGINNING = 1 << 12


class Tail:
    """Whole lines of a growing file, each once; a file that cannot be read has none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._torn = b""
        self._beginning = b""

    def rewritten(self) -> bool:
        """Whether the file no longer begins as it did: it was written anew."""
        try:
            with self._path.open("rb") as file:
                if os.fstat(file.fileno()).st_size < self._offset:
                    return True
                return file.read(len(self._beginning)) != self._beginning
        except OSError:
            return False

    def lines(self, *, ended: bool = False) -> Iterator[str]:
        """Lines appended since the last call; with `ended` a last one without a newline too."""
        try:
            file = self._path.open("rb")
        except OSError:
            return
        with file:
            file.seek(self._offset)
            while chunk := file.read(_READ_CHUNK):
                if len(self._beginning) < _BEGINNING:
                    self._beginning += chunk[: _BEGINNING - len(self._beginning)]
                self._offset += len(chunk)
                *lines, self._torn = (self._torn + chunk).split(b"\n")
                self._torn = self._torn[:_LONGEST_LINE]
                for line in lines:
                    yield line.removesuffix(b"\r").decode(errors="replace")
        if ended and self._torn:
            last, self._torn = self._torn, b""
            yield last.decode(errors="replace")
