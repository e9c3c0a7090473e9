"""Telling from how a process ended that it ran out of memory, its own, the machine's or a GPU's."""

from __future__ import annotations

import re
import signal
from pathlib import Path

from lrsweep.processes.stderr_tail import after_traceback, stderr_tail

_SAID = re.compile(
    r"OutOfMemoryError|out of memory|^MemoryError|_ArrayMemoryError"
    r"|CU(?:DNN|BLAS)_STATUS_ALLOC_FAILED|RESOURCE_EXHAUSTED"
    r"|DefaultCPUAllocator: (?:can't allocate|not enough) memory",
    re.MULTILINE,
)


def oom_kills() -> int:
    """How many processes the kernel has killed for memory since boot; 0 where it does not say."""
    try:
        lines = Path("/proc/vmstat").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)


def ran_out_of_memory(code: int | None, stderr: Path, offset: int, kills_before: int) -> bool:
    """Whether a process that ended with `code` had too little memory.

    Either its standard error says so (`stderr` from `offset` on, after the last traceback's head),
    or SIGKILL ended it while the kernel was killing for memory.
    """
    if not code:
        return False
    if code == -signal.SIGKILL and oom_kills() > kills_before:
        return True
    return _SAID.search(after_traceback(stderr_tail(stderr, offset))) is not None
