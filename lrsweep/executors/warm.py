"""Training processes forked from a launcher that has done their imports already."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from lrsweep.devices.slots import device_environment
from lrsweep.executors.local import LocalExecutor
from lrsweep.executors.place import Place
from lrsweep.jobs.report_reader import CaptureOf
from lrsweep.processes.connection import default_environment
from lrsweep.processes.launcher.preload import Preload
from lrsweep.trial import Job, Slot

# Variables that the interpreter, the loader and OpenMP read before anything else, by their
# beginnings: for a fork it is too late.
_READ_AT_START = (
    *("PYTHON", "LD_", "LANG", "LC_", "MALLOC_", "GLIBC_"),
    *("OMP_", "MKL_", "KMP_", "GOMP_"),
)

_ANY = Slot(0)


class WarmExecutor(LocalExecutor):
    """Forks a job where its command runs a script with this very Python; starts others afresh.

    `command` is what the jobs run, as far as it is known: the libraries that its script imports
    are imported at once, in the launcher, while this returns, for as many threads as `slot` has. A
    forked job behaves as the started one would, down to tracebacks and exit codes.
    """

    def __init__(
        self,
        command: Sequence[str],
        *identity: str,
        place: Place | None = None,
        slot: Slot = _ANY,
        cwd: str = ".",
        env: Mapping[str, str] | None = None,
        capture: CaptureOf = lambda _job: None,
        max_log: int | None = None,
    ) -> None:
        env = {**(default_environment() if env is None else env), **device_environment(slot)}
        self._at_start = _read_at_start(env)
        warm = can_fork() and runs_this_python(command, env, cwd)
        preload = Preload(tuple(command), os.path.abspath(cwd)) if warm else None
        super().__init__(
            *identity,
            place=place,
            cwd=cwd,
            env=env,
            preload=preload,
            capture=capture,
            max_log=max_log,
        )

    def is_warm(self, job: Job) -> bool:
        env = self._environment_of(job)
        return (
            bool(self._preload.argv)
            and runs_this_python(job.argv, env, job.cwd)
            and _read_at_start(env) == self._at_start
        )


def can_fork() -> bool:
    """Whether a forked process is as good as a fresh one on this platform."""
    return sys.platform == "linux"


def runs_this_python(argv: Sequence[str], env: Mapping[str, str], cwd: str) -> bool:
    """Whether `argv` is `python script.py …` or `python -m module …` with this interpreter.

    The same program in another virtual environment is another interpreter.
    """
    if len(argv) < 2 or not (argv[1].endswith(".py") or (argv[1] == "-m" and len(argv) > 2)):
        return False
    found = shutil.which(os.path.join(cwd, argv[0]) if "/" in argv[0] else argv[0], path=_path(env))
    return found is not None and _identity(found) == _identity(sys.executable)


def _path(env: Mapping[str, str]) -> str:
    return env.get("PATH", os.defpath)


def _identity(python: str) -> tuple[str, str]:
    """Where the interpreter lies, which decides on its environment, and which program it is."""
    path = Path(python)
    return os.path.realpath(path.parent), os.path.realpath(path)


def _read_at_start(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name.startswith(_READ_AT_START)}
