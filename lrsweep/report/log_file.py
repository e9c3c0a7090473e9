"""Reads what a trial wrote, which may be huge, growing, or binary."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from lrsweep.errors import NotFound, StorageError
from lrsweep.protocol import TrialFolder
from lrsweep.terms import printable_lines
from lrsweep.trial import TrialRow

_BLOCK = 1 << 16


def log_path(trial: TrialRow, *, stderr: bool) -> Path:
    """Where a trial's standard output or error is; raises `NotFound` where it is gone."""
    folder = TrialFolder(trial.folder)
    path = folder.stderr if stderr else folder.stdout
    if not trial.folder or not path.is_file():
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
        while block := file.read(_BLOCK):
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
            while block := file.read(_BLOCK):
                yield block
            if last:
                return
            wait()


def last_lines(path: Path, count: int) -> list[str]:
    """The last `count` lines as text fit to print: no colours, and of progress bars the end.

    Raises `StorageError` where the file cannot be read.
    """
    text = b"".join(read_log(path, tail=count)).decode("utf-8", errors="replace")
    shown = (line.rstrip() for line in printable_lines(text).split("\n"))
    return [line for line in shown if line.strip()][-count:]


@contextmanager
def _opened(path: Path, tail: int | None) -> Iterator[BinaryIO]:
    """The file, where the last `tail` lines begin."""
    try:
        with path.open("rb") as file:
            file.seek(0 if tail is None else _tail_offset(file, tail))
            yield file
    except OSError as error:
        raise StorageError(f"the log {path} cannot be read: {error.strerror}") from error


def _tail_offset(file: BinaryIO, lines: int) -> int:
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
