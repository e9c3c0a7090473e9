"""Telling our processes from others, and ending those that a dead sweep left behind.

Every process that a sweep starts carries LRSWEEP_OWNER in the environment it was started with, and
so does all that descends from it, in whatever session. It names the study and the sweep's own
process: `<study>@<pid>@<start>`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import psutil

ENV_OWNER = "LRSWEEP_OWNER"
_SEPARATOR = "@"
_START_FIELD = 19  # of /proc/<pid>/stat after the name: starttime, in clock ticks since boot


def owner_of(*identity: str) -> str:
    """What this process writes into LRSWEEP_OWNER for the sweep that `identity` tells apart."""
    return _SEPARATOR.join([_study(identity), str(os.getpid()), started_at(os.getpid())])


def started_at(pid: int) -> str:
    """When process `pid` started, in words that no later process with its number shares.

    Empty where there is no such process.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[_START_FIELD]
    except FileNotFoundError:
        return _started_at_elsewhere(pid)
    except OSError:
        return ""
    return f"{boot}:{ticks}"


def _started_at_elsewhere(pid: int) -> str:
    try:
        return str(psutil.Process(pid).create_time())
    except psutil.Error:
        return ""


def end_all_of(owner: str) -> int:
    """Kill every process that carries exactly `owner`, and wait for their end; how many."""
    return _end(lambda found: found == owner)


def end_leftovers(*identity: str) -> int:
    """Kill what dead sweeps of this study left running, and wait for its end; how many.

    A process is theirs when it carries the study's name in LRSWEEP_OWNER and the sweep that the
    rest of it names is not alive. Processes of a living sweep are never touched.
    """
    study = _study(identity)

    def is_left(owner: str) -> bool:
        name, _, sweep = owner.partition(_SEPARATOR)
        pid, _, start = sweep.partition(_SEPARATOR)
        return name == study and pid.isdigit() and started_at(int(pid)) != start

    return _end(is_left)


def end_if_still(pid: int, start: str) -> bool:
    """Kill process `pid` with its descendants if it is the one that started at `start`."""
    if not start or started_at(pid) != start:
        return False
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except psutil.Error:
        return False
    _kill(family)
    return True


def _study(identity: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(identity).encode(errors="surrogateescape")).hexdigest()[:16]


def _end(is_wanted: Callable[[str], bool]) -> int:
    ended: set[int] = set()
    while found := [p for p in psutil.process_iter() if p.pid not in ended and _has(p, is_wanted)]:
        _kill(found)
        ended.update(process.pid for process in found)
    return len(ended)


def _has(process: psutil.Process, is_wanted: Callable[[str], bool]) -> bool:
    try:
        owner = process.environ().get(ENV_OWNER)
        return owner is not None and process.pid != os.getpid() and is_wanted(owner)
    except (psutil.Error, OSError):
        return False


def _kill(found: list[psutil.Process]) -> None:
    for process in found:
        try:
            process.kill()
        except psutil.Error:  # gone, or another user's
            continue
    psutil.wait_procs(found, timeout=5)
