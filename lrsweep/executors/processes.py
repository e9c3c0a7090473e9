"""Ending processes for good, and telling ours from others."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable

import psutil


def kill_tree(pid: int) -> None:
    """SIGKILL the process group of `pid` and every descendant, whatever session it made."""
    descendants = _descendants(pid)
    _signal_group(pid, signal.SIGKILL)
    for process in descendants:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue


def terminate(pid: int) -> None:
    """SIGTERM to the process group of `pid`."""
    _signal_group(pid, signal.SIGTERM)


def started_at(pid: int) -> float | None:
    """When process `pid` started, in seconds since the epoch; None where it is gone."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return None


def kill_if_ours(pid: int, start: float) -> bool:
    """Kill the tree of `pid` if that process still is the one that started at `start`."""
    now = started_at(pid)
    if now is None or abs(now - start) > 0.1:
        return False
    kill_tree(pid)
    return True


def _descendants(pid: int) -> Iterable[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return ()


def _signal_group(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return
