"""Training processes on this machine, each started cold in a process group of its own."""

from __future__ import annotations

import contextlib
import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

from lrsweep.executors import processes
from lrsweep.executors.base import Happenings
from lrsweep.protocol import EventReader, TrialFolder
from lrsweep.scheduler import Exit, Stop
from lrsweep.trial import Job, TrialKey

# How often the event files are looked at while nothing exits.
_TAIL_EVERY_S = 0.05
_PR_SET_PDEATHSIG = 1
_NOT_STARTED = 127


@dataclass(slots=True)
class _Running:
    process: subprocess.Popen[bytes]
    pidfd: int | None
    folder: TrialFolder
    events: EventReader


class LocalExecutor:
    """Runs each job as `Popen(argv)`, with its output in the trial's folder."""

    def __init__(self) -> None:
        self._running: dict[TrialKey, _Running] = {}
        self._not_started: list[Exit] = []
        self._selector = selectors.DefaultSelector()

    def start(self, job: Job) -> None:
        folder = TrialFolder(job.folder)
        offset = folder.events.stat().st_size if folder.events.exists() else 0
        try:
            with folder.stdout.open("ab") as stdout, folder.stderr.open("ab") as stderr:
                process = subprocess.Popen(
                    job.argv,
                    cwd=job.cwd,
                    env=dict(job.env),
                    stdin=subprocess.DEVNULL,
                    stdout=stdout,
                    stderr=stderr,
                    start_new_session=True,
                    preexec_fn=_die_with_parent if sys.platform == "linux" else None,
                )
        except OSError as error:
            detail = f"cannot start {job.argv[0]!r}: {error.strerror}"
            self._not_started.append(Exit(job.key, _NOT_STARTED, detail=detail))
            return
        pidfd = os.pidfd_open(process.pid) if hasattr(os, "pidfd_open") else None
        if pidfd is not None:
            self._selector.register(pidfd, selectors.EVENT_READ)
        self._running[job.key] = _Running(
            process, pidfd, folder, EventReader(folder.events, offset)
        )

    def pid(self, key: TrialKey) -> int | None:
        """The process of a running job."""
        running = self._running.get(key)
        return None if running is None else running.process.pid

    def poll(self, timeout_s: float) -> Happenings:
        happenings = Happenings(exits=self._not_started)
        self._not_started = []
        deadline = time.monotonic() + timeout_s
        while True:
            # Who has ended is found before the events are read: what is then in the file is all.
            ended = [key for key, running in self._running.items() if _has_ended(running)]
            for running in self._running.values():
                happenings.reports.extend(running.events.read())
            happenings.exits += [self._reap(key) for key in ended]
            left = deadline - time.monotonic()
            if happenings.reports or happenings.exits or left <= 0:
                return happenings
            self._selector.select(min(left, _TAIL_EVERY_S))

    def stop(self, key: TrialKey, how: Stop) -> None:
        running = self._running.get(key)
        if running is None:
            return
        if how is Stop.ASK:
            running.folder.ask_to_stop("stop")
        elif how is Stop.TERMINATE:
            processes.terminate(running.process.pid)
        else:
            processes.kill_tree(running.process.pid)

    def close(self) -> None:
        for running in self._running.values():
            processes.kill_tree(running.process.pid)
        for key in list(self._running):
            self._running[key].process.wait()
            self._reap(key)
        self._selector.close()

    def _reap(self, key: TrialKey) -> Exit:
        running = self._running.pop(key)
        # Not reaped yet, so its number is still its own: what it left in its group dies with it.
        processes.kill_tree(running.process.pid)
        code = running.process.wait()
        if running.pidfd is not None:
            self._selector.unregister(running.pidfd)
            os.close(running.pidfd)
        detail = running.folder.last_error() if code else ""
        return Exit(key, code, stopped=running.events.stopped, detail=detail)


def _has_ended(running: _Running) -> bool:
    """Whether the process has ended; it is left unreaped."""
    with contextlib.suppress(ChildProcessError):
        options = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, running.process.pid, options) is not None
    return True


def _die_with_parent() -> None:
    # Between fork and exec: the kernel kills this process when its parent dies, however that dies.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
