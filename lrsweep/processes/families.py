"""Telling our processes from others, and ending those that a dead sweep left behind.

Every process that a sweep starts carries LRSWEEP_OWNER in the environment it was started with, and
so does all that descends from it, in whatever session. It names the study and the sweep's own
process: `<study>@<pid>@<start>@<namespace>`. A process is ended only where the sweep that its mark
names is proven dead: numbers of processes mean something within one boot and one PID namespace.
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
    pid = os.getpid()
    return _SEPARATOR.join([_study(identity), str(pid), started_at(pid), _namespace()])


def is_dead(owner: str) -> bool:
    """Whether the sweep that the mark `owner` names is proven dead.

    Not proven is one of another boot's or another PID namespace's (a container's, or the host's).
    """
    _, _, sweep = owner.partition(_SEPARATOR)
    pid, start, namespace = [*sweep.split(_SEPARATOR), "", "", ""][:3]
    if not pid.isdigit() or not start or namespace != _namespace():
        return False
    return start.partition(":")[0] == _boot() and started_at(int(pid)) != start


def is_alive(owner: str) -> bool:
    """Whether the sweep that the mark `owner` names is proven alive."""
    _, _, sweep = owner.partition(_SEPARATOR)
    pid, start, namespace = [*sweep.split(_SEPARATOR), "", "", ""][:3]
    return pid.isdigit() and namespace == _namespace() and started_at(int(pid)) == start != ""


def is_of_earlier_boot(owner: str) -> bool:
    """Whether this machine has started again since: nothing is left of that sweep here."""
    start = [*owner.split(_SEPARATOR), "", "", ""][2]
    return bool(start) and start.partition(":")[0] != _boot()


def started_at(pid: int) -> str:
    """When process `pid` started, in words that no later process with its number shares.

    Empty where there is no such process.
    """
    boot = _boot()
    try:
        ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[_START_FIELD]
    except FileNotFoundError:
        return _started_at_elsewhere(pid)
    except OSError:
        return ""
    return f"{boot}:{ticks}"


def _boot() -> str:
    """Which start of the machine this is; empty where nothing tells."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _namespace() -> str:
    """In which PID namespace this process is; empty where there are none."""
    try:
        return os.readlink("/proc/self/ns/pid").removeprefix("pid:")
    except OSError:
        return ""


def _started_at_elsewhere(pid: int) -> str:
    try:
        return f":{psutil.Process(pid).create_time()}"  # no boot is named
    except psutil.Error:
        return ""


def end_all_of(owner: str) -> int:
    """Kill every process that carries exactly `owner`, and wait for their end; how many."""
    return _end(lambda found: found == owner)


def end_leftovers(*identity: str) -> int:
    """Kill what dead sweeps of this study left running, and wait for its end; how many.

    A process is theirs when it carries the study's name in LRSWEEP_OWNER and the sweep that the
    rest of it names is proven dead.
    """
    study = _study(identity)
    return _end(lambda owner: owner.partition(_SEPARATOR)[0] == study and is_dead(owner))


def end_if_still(pid: int, start: str) -> bool:
    """Kill process `pid` with its descendants if it started at `start` and its sweep is dead."""
    if not start or started_at(pid) != start:
        return False
    try:
        process = psutil.Process(pid)
        if not is_dead(process.environ().get(ENV_OWNER, "")):
            return False
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
