"""A bound on the disk that a trial's output takes: its beginning and its end are kept.

What lies between is given back to the file system as a hole, so that nothing moves: the trial
writes on, and whoever reads the log finds every offset where it was.
"""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path

# linux/falloc.h: keep the size, punch a hole
_PUNCH = 0x01 | 0x02
_BLOCK = 1 << 12
_NOTE = 80
# Shares of the limit that are kept of the beginning and of the end.
_BEGINNING = 4
_END = 2


class LogLimit:
    """Keeps one log within `limit` bytes of disk, but for what comes between two looks."""

    def __init__(self, path: Path, limit: int) -> None:
        self._path = path
        self._limit = limit
        self._told = False

    def look(self) -> str:
        """Cut the log where it is too large; a sentence the first time, else an empty text."""
        try:
            facts = os.stat(self._path)
            if facts.st_blocks * 512 <= self._limit:
                return ""
            cut = self._cut(facts.st_size)
        except OSError:
            return ""
        if self._told:
            return ""
        self._told = True
        size = size_text(self._limit)
        if not cut:
            return f"{self._path.name} is beyond --max-log {size}, and cannot be cut on this disk"
        return f"{self._path.name} grew beyond --max-log {size}: its beginning and end are kept"

    def _cut(self, size: int) -> bool:
        start = self._limit // _BEGINNING // _BLOCK * _BLOCK
        end = (size - self._limit // _END) // _BLOCK * _BLOCK
        note = f"\n[{size_text(end - start)} left out here by --max-log]".ljust(_NOTE)
        with open(self._path, "r+b") as log:
            if not _punch(log.fileno(), start + _BLOCK, end - start - _BLOCK):
                return False
            os.pwrite(log.fileno(), f"{note}\n".encode(), start)
        return True


def _punch(file: int, offset: int, length: int) -> bool:
    """Whether a hole could be made: Linux can, on most of its file systems."""
    if length <= 0:
        return True
    fallocate = getattr(ctypes.CDLL(None, use_errno=True), "fallocate", None)
    if fallocate is None:
        return False
    span = (ctypes.c_int64(offset), ctypes.c_int64(length))
    if fallocate(file, _PUNCH, *span) == 0:
        return True
    if ctypes.get_errno() in (errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL):
        return False
    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def size_text(size: int) -> str:
    """`512 MiB`: a size in bytes for people."""
    for power, unit in ((40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")):
        if size >= 1 << power:
            return f"{size / (1 << power):.3g} {unit}"
    return f"{size} bytes"
