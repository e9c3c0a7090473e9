"""What the Linux kernel offers for keeping a family of processes together; elsewhere, nothing."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

# linux/prctl.h
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36

_LINUX = sys.platform == "linux"
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(signal_number: int) -> None:
    """Have the kernel send this signal to the process when its parent dies; 0 takes that back."""
    if _LINUX:
        _libc.prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0)


def adopt_orphans() -> None:
    """From now on, a descendant whose parent dies becomes a child of this process.

    However many sessions it makes, it cannot leave the family.
    """
    if _LINUX:
        _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children() -> set[int]:
    """Pids of the children of this process, zombies among them; empty where nothing tells."""
    pid = os.getpid()
    try:
        return {
            int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        }
    except FileNotFoundError:  # a kernel without CONFIG_PROC_CHILDREN, or no Linux
        return {int(child) for child in _processes() if _parent(child) == pid}


def _processes() -> list[str]:
    try:
        return [name for name in os.listdir("/proc") if name.isdigit()]
    except FileNotFoundError:
        return []


def _parent(pid: str) -> int:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    return int(stat.rpartition(")")[2].split()[1])
