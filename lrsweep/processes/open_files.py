"""Which files processes have open to write: on Linux, as far as the kernel tells this user."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

import psutil

_ACCESS = os.O_WRONLY | os.O_RDWR


def descendants(pid: int) -> list[int]:
    """A process and all that descend from it; empty where it is gone."""
    try:
        return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
    except psutil.Error:
        return []


def relatives() -> list[int]:
    """This process, and those above it with their children, such as the `tee` of a pipe."""
    found = [os.getpid()]
    try:
        for parent in psutil.Process().parents()[:3]:
            found += [parent.pid, *(child.pid for child in parent.children())]
    except psutil.Error:
        pass
    return found


def written_by(pids: Iterable[int]) -> frozenset[str]:
    """The absolute paths of the files that the processes have open to write."""
    return frozenset(path for pid in pids for path in _open_to_write(pid))


def _open_to_write(pid: int) -> Iterator[str]:
    try:
        names = os.listdir(f"/proc/{pid}/fd")
    except OSError:
        return
    for name in names:
        try:
            with open(f"/proc/{pid}/fdinfo/{name}", encoding="ascii") as info:
                flags = next(line for line in info if line.startswith("flags:"))
            if int(flags.split()[1], 8) & _ACCESS:
                yield os.readlink(f"/proc/{pid}/fd/{name}")
        except (OSError, StopIteration, ValueError):
            continue
