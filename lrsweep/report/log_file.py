"""Reads what a trial wrote, which may be huge, growing, or binary."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from lrsweep.capture.tail import data_from
from lrsweep.errors import NotFound, StorageError
from lrsweep.protocol import TrialFolder
from lrsweep.terms import printable_lines
from lrsweep.trial import TrialRow

_BLOCK = 1 << 16
# No line is shown longer than this, in bytes.
LONGEST = 10_000


def log_path(trial: TrialRow, *, stderr: bool) -> Path:
    """Where a trial's standard output or error is; raises `NotFound` where it is gone."""
    if not trial.folder:
        raise NotFound(f"trial {trial.number} has no logs: it was not run by lrsweep")
    folder = TrialFolder(trial.folder)
    path = folder.stderr if stderr else folder.stdout
    if not path.is_file():
        raise NotFound(
            f"trial {trial.number} has no log {path}; its folder was moved or deleted, "
            "or the trial has not begun"
        )
    return path


def read_log(path: Path, *, tail: int | None = None) -> Iterator[bytes]:
    """The bytes of a log in blocks: all of it, or its last `tail` lines.

    Raises `StorageError` where it cannot be read.
    """
    with _opened(path, tail) as file:
        while block := _next(file):
            yield block


def follow_log(
    path: Path, *, tail: int | None, ended: Callable[[], bool], wait: Callable[[], None]
) -> Iterator[bytes]:
    """As `read_log`, then whatever is appended, until `ended()` says that nobody writes any more.

    `wait` is called when there is nothing new.
    """
    with _opened(path, tail) as file:
        while True:
            # Asked before the read, so that what was written just before the end is not missed.
            last = ended()
            while block := _next(file):
                yield block
            if last:
                return
            wait()


def shown(blocks: Iterable[bytes], *, follow: bool = False) -> Iterator[bytes]:
    """What `blocks` of a log are on a terminal: lines without what a terminal obeys.

    Of a line that was written over (a progress bar) the last state; where one `follow`s, each. A
    line longer than `LONGEST` bytes is cut, with a note of how much is missing.
    """
    for line in _Lines(follow).split(blocks):
        yield f"{line}\n".encode(errors="replace")


def last_lines(path: Path, count: int) -> list[str]:
    """The last `count` lines as `shown`, the empty ones left out.

    Raises `StorageError` where the file cannot be read.
    """
    lines = (line.rstrip() for line in _Lines(False).split(read_log(path, tail=count)))
    return [line for line in lines if line][-count:]


class _Lines:
    """Splits blocks into lines, holding no more of one than what is shown of it."""

    def __init__(self, follow: bool) -> None:
        self._follow = follow
        self._held = bytearray()
        self._dropped = 0
        self._return = False

    def split(self, blocks: Iterable[bytes]) -> Iterator[str]:
        for block in blocks:
            whole, end, rest = block.rpartition(b"\n")
            if end:
                for piece in whole.split(b"\n"):
                    yield from self._states(piece, ended=True)
            yield from self._states(rest, ended=False)
        if self._held:
            yield self._taken()

    def _states(self, piece: bytes, *, ended: bool) -> Iterator[str]:
        """Adds a piece of a line, and gives what of it is to be shown already."""
        if self._return:
            piece, self._return = b"\r" + piece, False
        if piece.endswith(b"\r"):  # of a line's end, or of what is written over: the next tells
            piece, self._return = piece[:-1], not ended
        over, returned, last = piece.rpartition(b"\r")
        if self._follow:
            for state in over.split(b"\r") if returned else ():
                self._add(state)
                yield self._taken()
        elif returned:
            self._held, self._dropped = bytearray(), 0
        self._add(last)
        if ended:
            yield self._taken()

    def _add(self, state: bytes) -> None:
        space = LONGEST - len(self._held)
        self._held += state[:space]
        self._dropped += max(0, len(state) - space)

    def _taken(self) -> str:
        text = printable_lines(self._held.decode(errors="replace"))
        cut = f" … {self._dropped} more bytes; --raw shows them" if self._dropped else ""
        self._held, self._dropped = bytearray(), 0
        return text + cut


def _next(file: FileIO) -> bytes:
    """The next block, but for what was cut out of the middle of a log."""
    file.seek(data_from(file, file.tell()))
    return file.read(_BLOCK)


@contextmanager
def _opened(path: Path, tail: int | None) -> Iterator[FileIO]:
    """The file, where the last `tail` lines begin."""
    try:
        with path.open("rb", buffering=0) as file:
            file.seek(0 if tail is None else _tail_offset(file, tail))
            yield file
    except OSError as error:
        raise StorageError(f"the log {path} cannot be read: {error.strerror}") from error


def _tail_offset(file: FileIO, lines: int) -> int:
    """Where the last `lines` lines begin; reads backwards, so that the size does not matter."""
    position = end = file.seek(0, os.SEEK_END)
    while position > 0:
        start = max(0, position - _BLOCK)
        file.seek(start)
        block = file.read(position - start)
        # A newline that ends the file begins no line.
        stop = len(block) - 1 if position == end and block.endswith(b"\n") else len(block)
        while (found := block.rfind(b"\n", 0, stop)) >= 0:
            lines -= 1
            if lines <= 0:
                return start + found + 1
            stop = found
        position = start
    return 0
