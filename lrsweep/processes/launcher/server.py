"""The launcher's loop: requests in, processes out, the dead reaped with all that they left."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import sys
from typing import Any

from lrsweep.observe.waiting import load
from lrsweep.processes.launcher import interpreter, linux
from lrsweep.processes.launcher.child_setup import NotStarted, Program, execute, settle
from lrsweep.processes.launcher.preload import Preload

_READ = 1 << 16


class Launcher:
    """Starts trials for the sweep at the other end of `connection`, until that hangs up."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._received = b""
        self._running: dict[int, int] = {}  # pid → number of the trial
        self._ended: dict[int, int] = {}  # the same, not reaped yet
        self._exit_files: dict[int, str] = {}  # number of the trial → where its exit is written
        self._not_ours_to_kill: set[int] = set()
        self._waked, waker = socket.socketpair()
        self._waked.setblocking(False)
        waker.setblocking(False)
        self._waker = waker

    def serve(self) -> Program | None:
        """Return None when the sweep has hung up, and in a warm trial what it is to become."""
        signal.signal(signal.SIGCHLD, lambda *_: None)  # with a handler it wakes `select`
        signal.set_wakeup_fd(self._waker.fileno())
        while True:
            select.select([self._connection, self._waked], [], [])
            with contextlib.suppress(BlockingIOError):
                self._waked.recv(_READ)
            self._reap()
            if not select.select([self._connection], [], [], 0)[0]:
                continue
            data = self._receive()
            if not data:
                self._end_all()
                return None
            *lines, self._received = (self._received + data).split(b"\n")
            for line in lines:
                program = self._handle(json.loads(line))
                if program is not None:
                    return program

    def tell(self, **message: Any) -> None:
        """Send one message; a sweep that has died is noticed by the loop."""
        with contextlib.suppress(OSError):
            self._connection.sendall(json.dumps(message).encode() + b"\n")

    def _receive(self) -> bytes:
        try:
            return self._connection.recv(_READ)
        except ConnectionResetError:  # the sweep died with messages unread
            return b""

    def _handle(self, request: dict[str, Any]) -> Program | None:
        if "start" in request:
            self._exit_files[request["start"]] = request.get("exit", "")
            return self._start(request["start"], Program.of_request(request))
        for pid, number in self._running.items():
            if number == request["trial"]:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(pid, request["signal"])
        return None

    def _start(self, number: int, program: Program) -> Program | None:
        """Fork; the program comes back in a warm trial only."""
        parent = os.getpid()
        reading, writing = os.pipe()  # closed by exec, or by a warm trial when it is set up
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            self._forget()
            try:
                settle(program, parent)
                if not (program.warm and interpreter.is_readable(program.argv)):
                    execute(program)
            except NotStarted as why:
                os.write(writing, str(why).encode())
                os._exit(1)
            os.close(writing)
            return program
        os.close(writing)
        with open(reading, "rb") as pipe:
            failure = pipe.read().decode()
        if failure:
            os.waitpid(pid, 0)
            self.tell(failed=number, why=failure)
        else:
            self._running[pid] = number
            self.tell(started=number, pid=pid)
        return None

    def _forget(self) -> None:
        """Drop in a trial what belongs to the launcher."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for end in (self._connection, self._waked, self._waker):
            end.close()

    def _reap(self) -> None:
        for pid in list(self._running):
            # Left a zombie for now, so that its number still names its process group.
            if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
                self._ended[pid] = self._running.pop(pid)
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(pid, signal.SIGKILL)
        if not self._ended or not self._strays_are_gone():
            return
        for pid, number in self._ended.items():
            self.tell(exited=number, code=self._note_exit(pid, number))
        self._ended.clear()

    def _note_exit(self, pid: int, number: int) -> int:
        """Reap a process that has ended, and write down how, for a sweep that comes after this."""
        _, status = os.waitpid(pid, 0)
        code = os.waitstatus_to_exitcode(status)
        path = self._exit_files.pop(number, "")
        if path:
            with contextlib.suppress(OSError), open(path, "w", encoding="utf-8") as file:
                json.dump({"code": code}, file)
        return code

    def _strays_are_gone(self) -> bool:
        """Kill the orphans of ended trials; as one dies, its children become orphans in turn."""
        while strays := self._strays():
            for pid in strays:
                self._kill(pid)
            reaped = [os.waitpid(pid, os.WNOHANG)[0] for pid in strays]
            if not all(reaped):
                return not self._strays()
        return True

    def _strays(self) -> set[int]:
        return linux.children() - {*self._running, *self._ended} - self._not_ours_to_kill

    def _kill(self, pid: int) -> None:
        try:
            os.kill(pid, signal.SIGKILL)
        except PermissionError:  # another user's, by way of sudo
            self._not_ours_to_kill.add(pid)

    def _end_all(self) -> None:
        for pid, number in self._ended.items():
            self._note_exit(pid, number)
        self._ended.clear()
        for pid in self._running:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
        while living := {*self._running, *linux.children()} - self._not_ours_to_kill:
            for pid in living:
                self._kill(pid)
            for pid in living - self._not_ours_to_kill:
                os.waitpid(pid, 0)
                self._running.pop(pid, None)


def main() -> None:
    """`python -c … FD PRELOAD`: serve over the socket FD, after the imports that PRELOAD names."""
    descriptor, preload = int(sys.argv[1]), Preload.from_json(sys.argv[2])
    os.set_inheritable(descriptor, False)
    linux.die_with_parent(signal.SIGKILL)  # while it imports, it does not listen
    linux.adopt_orphans()
    if preload.argv:
        load()  # what observes forked trials, once for all of them
    notes = preload.perform(descriptor)
    linux.die_with_parent(0)
    launcher = Launcher(socket.socket(fileno=descriptor))
    launcher.tell(ready=True, notes=notes)
    program = launcher.serve()
    if program is None:
        os._exit(0)
    interpreter.become(program)
