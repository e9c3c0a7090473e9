"""Training scripts that leave processes behind, and a way to see which still live."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from lrsweep.executors.local import LocalExecutor
from lrsweep.scheduler import Exit
from lrsweep.trial import Job, Member, Slot, TrialKey, job_id

# Each writes the pid of every process that it starts into the file `pids`, one a line.
FAMILIES = {
    "child": "start([])",
    "own session": "start(['setsid'])",
    "orphan": "start(['sh', '-c', 'sleep 600 & echo $! >> pids'], True)",
    "orphan in own session": "start(['setsid', 'sh', '-c', 'sleep 600 & echo $! >> pids'], True)",
    "without environment": "start(['setsid'], env={})",
    "forked": "fork(lambda: time.sleep(600))",
    "forked twice": "fork(lambda: fork(lambda: time.sleep(600)))",
    "ignores SIGTERM": "start(['sh', '-c', 'trap \"\" TERM; sleep 600; sleep 600'])",
}
_HEAD = """
import os, subprocess, sys, time

def note(pid):
    with open("pids", "a") as file:
        file.write(f"{pid}\\n")

def start(before, wait=False, env=None):
    argv = before if "-c" in before else [*before, "sleep", "600"]
    process = subprocess.Popen(argv, env=env)
    note(process.pid)
    if wait:
        process.wait()

def fork(then):
    pid = os.fork()
    if pid == 0:
        os.setsid()
        note(os.getpid())
        then()
        os._exit(0)
"""


def write_script(folder: Path, family: str, end: str) -> Path:
    """A script that starts `family` and then does `end`."""
    script = folder / "train.py"
    script.write_text(f"{_HEAD}\nnote(os.getpid())\n{FAMILIES[family]}\ntime.sleep(0.3)\n{end}\n")
    return script


def make_job(
    folder: Path,
    script: Path,
    *arguments: str,
    trial: int = 0,
    env: Mapping[str, str] = os.environ,
    command: tuple[str, ...] = (),
) -> Job:
    """The job that runs `script` in `folder` with this Python, or else `command`."""
    trial_folder = folder / f"trial-{trial}"
    trial_folder.mkdir(exist_ok=True)
    argv = command or (sys.executable, str(script), *arguments)
    member = Member(TrialKey(trial, 1), {}, 0, str(trial_folder))
    return Job(job_id(member.key), Slot(0), (member,), argv, dict(env), str(folder))


def pids(folder: Path) -> set[int]:
    """Every process that a script noted."""
    file = folder / "pids"
    return {int(line) for line in file.read_text().split()} if file.exists() else set()


def alive(found: set[int]) -> set[int]:
    """Those of `found` that exist, zombies among them."""
    return {pid for pid in found if Path(f"/proc/{pid}").exists()}


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "gave up waiting"
        time.sleep(0.01)


def first_exit(executor: LocalExecutor) -> Exit:
    deadline = time.monotonic() + 60
    while not (exits := executor.poll(1).exits):
        assert time.monotonic() < deadline, "gave up waiting"
    return exits[0]
