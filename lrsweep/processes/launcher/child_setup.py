"""From the fork to the first line of a trial: its session, its streams, its folder, its death."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from typing import Any, NoReturn

from lrsweep.observe.surroundings import with_hook
from lrsweep.processes.launcher import linux


class NotStarted(Exception):
    """The trial cannot start; the message says why."""


@dataclass(frozen=True, slots=True)
class Program:
    """What a trial runs, and in which surroundings."""

    argv: tuple[str, ...]
    env: dict[str, str]
    cwd: str
    stdout: str
    stderr: str
    warm: bool

    @classmethod
    def of_request(cls, request: dict[str, Any]) -> Program:
        return cls(
            tuple(request["argv"]),
            request["env"],
            request["cwd"],
            request["stdout"],
            request["stderr"],
            request["warm"],
        )


def settle(program: Program, parent: int) -> None:
    """Give a newborn process what every trial has; raises `NotStarted`."""
    os.setsid()
    linux.die_with_parent(signal.SIGKILL)
    if os.getppid() != parent:  # it died before it could be told
        os._exit(1)
    # What the trial orphans stays below it, so that the launcher's own orphans are always those
    # of a trial that has ended.
    linux.adopt_orphans()
    _open_as(os.devnull, os.O_RDONLY, 0)
    append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    _open_as(program.stdout, append, 1)
    _open_as(program.stderr, append, 2)
    try:
        os.chdir(program.cwd)
    except OSError as error:
        raise NotStarted(f"cannot enter {program.cwd}: {error.strerror}") from error


def execute(program: Program) -> NoReturn:
    """Become the program by exec; raises `NotStarted`."""
    try:
        os.execvpe(program.argv[0], program.argv, with_hook(program.env))
    except (OSError, ValueError) as error:  # ValueError: a null byte in an argument
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise NotStarted(f"cannot start {program.argv[0]!r}: {why}") from error


def _open_as(path: str, flags: int, number: int) -> None:
    try:
        opened = os.open(path, flags, 0o644)
    except OSError as error:
        raise NotStarted(f"cannot open {path}: {error.strerror}") from error
    os.dup2(opened, number)
    os.close(opened)
