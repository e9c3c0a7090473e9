"""The sweep's end of the line to its launcher."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Mapping
from typing import Any

from lrsweep.processes.families import ENV_OWNER
from lrsweep.processes.launcher import thread_counts
from lrsweep.processes.launcher.preload import Preload

_READ = 1 << 16


class Connection:
    """A launcher process, started at once; it answers `ready` when its imports are done.

    `alive` turns false when the launcher has ended, which only happens when something killed it.
    """

    def __init__(self, preload: Preload, env: Mapping[str, str], owner: str, cwd: str) -> None:
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                preload.command(theirs.fileno()),
                cwd=cwd,
                env=thread_counts.environment_for_imports({**env, ENV_OWNER: owner}),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._received = b""
        self.alive = True

    @property
    def pid(self) -> int:
        return self._process.pid

    def fileno(self) -> int:
        return self._socket.fileno()

    def send(self, **message: Any) -> None:
        """Send one message; a launcher that has died is noticed by `receive`."""
        try:
            self._socket.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            self.alive = False

    def receive(self) -> list[dict[str, Any]]:
        """The messages that have arrived, without waiting."""
        messages: list[dict[str, Any]] = []
        while True:
            try:
                data = self._socket.recv(_READ, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return messages
            except OSError:
                data = b""
            if not data:
                self.alive = False
                return messages
            *lines, self._received = (self._received + data).split(b"\n")
            messages += map(json.loads, lines)

    def close(self, *, busy: bool) -> None:
        """Hang up, and wait until everything that the launcher started has ended.

        A launcher that is `busy` with its imports has started nothing yet and is killed.
        """
        self._socket.close()
        if busy:
            self._process.kill()
        self._process.wait()
        self.alive = False


def default_environment() -> dict[str, str]:
    """The environment of trials before anything of their own is added."""
    return {**os.environ, "PYTHONUNBUFFERED": "1"}
