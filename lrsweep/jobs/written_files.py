"""Which files a run wrote into the folder that it ran in, beside the trial's own."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

# What is no output of a training, or too large to look through.
_LEFT_OUT = frozenset({"__pycache__", ".git", "node_modules", "site-packages", "lrsweep-runs"})
_MOST = 50_000

Stamps = Mapping[str, tuple[int, int]]


def stamps_of(folder: Path) -> Stamps:
    """When each file below `folder` was last changed, and its size; of many files the first."""
    found: dict[str, tuple[int, int]] = {}
    for path in _files(folder):
        try:
            stat = os.stat(path)
        except OSError:
            continue
        found[os.path.relpath(path, folder)] = (stat.st_mtime_ns, stat.st_size)
        if len(found) >= _MOST:
            break
    return found


def written_since(folder: Path, before: Stamps) -> tuple[str, ...]:
    """The files below `folder` that are new or changed, relative to it."""
    now = stamps_of(folder)
    return tuple(sorted(name for name, stamp in now.items() if before.get(name) != stamp))


def size_of(stamps: Stamps) -> int:
    """How many bytes all files have."""
    return sum(size for _, size in stamps.values())


def _files(folder: Path) -> Iterator[str]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(
            name
            for name in folders
            if name not in _LEFT_OUT and not Path(place, name, "pyvenv.cfg").exists()
        )
        yield from (
            os.path.join(place, name) for name in names if not name.startswith("lrsweep.db")
        )
