"""Nothing that a trial starts outlives it, and nothing outlives the sweep, however either ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lrsweep.errors import LrsweepError
from lrsweep.executors.local import LocalExecutor
from lrsweep.executors.warm import WarmExecutor
from lrsweep.processes import families
from lrsweep.protocol import TrialFolder
from lrsweep.scheduler import Stop
from tests.executors.family import (
    FAMILIES,
    alive,
    first_exit,
    make_job,
    pids,
    wait_for,
    write_script,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's subreapers")

Start = Callable[[Path], LocalExecutor]
STARTS: dict[str, Start] = {
    "cold": lambda _: LocalExecutor(),
    "warm": lambda script: WarmExecutor([sys.executable, str(script)], env=os.environ),
}


@pytest.fixture(params=STARTS)
def start(request: pytest.FixtureRequest) -> Iterator[Start]:
    made: list[LocalExecutor] = []

    def make(script: Path) -> LocalExecutor:
        made.append(STARTS[request.param](script))
        return made[-1]

    yield make
    for executor in made:
        executor.close()


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("end", ["pass", "os.kill(os.getpid(), 9)"])
def test_a_trial_takes_all_that_it_started_along(
    start: Start, tmp_path: Path, family: str, end: str
) -> None:
    script = write_script(tmp_path, family, end)
    executor = start(script)
    executor.start(make_job(tmp_path, script))
    first_exit(executor)
    assert len(pids(tmp_path)) >= 2
    assert alive(pids(tmp_path)) == set()


def test_the_children_of_another_trial_are_left_alone(start: Start, tmp_path: Path) -> None:
    script = write_script(tmp_path, "orphan in own session", "time.sleep(float(sys.argv[1]))")
    executor = start(script)
    executor.start(make_job(tmp_path, script, "600", trial=1))
    wait_for(lambda: executor.poll(0.01) and len(pids(tmp_path)) == 3)
    first = alive(pids(tmp_path))
    executor.start(make_job(tmp_path, script, "0", trial=2))
    first_exit(executor)
    assert len(pids(tmp_path)) == 6
    assert alive(pids(tmp_path)) == first


@pytest.mark.parametrize("family", FAMILIES)
def test_closing_leaves_nothing(start: Start, tmp_path: Path, family: str) -> None:
    script = write_script(tmp_path, family, "time.sleep(600)")
    executor = start(script)
    executor.start(make_job(tmp_path, script))
    wait_for(lambda: executor.poll(0.01) and len(pids(tmp_path)) >= 2)
    executor.close()
    assert alive(pids(tmp_path)) == set()


def test_sigterm_reaches_the_whole_group(start: Start, tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(
        "import signal, subprocess\nsignal.signal(signal.SIGTERM, lambda *_: None)\n"
        "subprocess.run(['sh', '-c', "
        "'trap \"echo heard; exit\" TERM; echo > pids; sleep 600 & wait'])"
    )
    executor = start(script)
    job = make_job(tmp_path, script)
    executor.start(job)
    wait_for(lambda: executor.poll(0.01) and (tmp_path / "pids").exists())
    executor.stop(job.id, Stop.TERMINATE)
    assert first_exit(executor).code == 0
    assert (tmp_path / "trial-0" / "stdout.log").read_text() == "heard\n"


@pytest.mark.parametrize("family", [name for name in FAMILIES if name != "without environment"])
def test_a_killed_launcher_loses_its_trials_and_leaves_nothing(
    start: Start, tmp_path: Path, family: str
) -> None:
    script = write_script(tmp_path, family, "time.sleep(600)")
    executor = start(script)
    job = make_job(tmp_path, script)
    executor.start(job)
    wait_for(lambda: executor.poll(0.01) and len(pids(tmp_path)) >= 2)
    former = executor.launcher_pid
    assert former is not None
    os.kill(former, signal.SIGKILL)
    exit = first_exit(executor)
    assert (exit.job, exit.code) == (job.id, None)
    assert alive(pids(tmp_path)) == set()
    script.write_text("raise SystemExit(3)")
    executor.start(make_job(tmp_path, script, trial=1))
    assert first_exit(executor).code == 3
    assert executor.launcher_pid != former


def test_a_launcher_that_never_starts_is_an_error_and_no_endless_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    executor = LocalExecutor()
    executor.start(make_job(tmp_path, tmp_path / "train.py"))
    with pytest.raises(LrsweepError, match="the process that starts trials does not start"):
        wait_for(lambda: executor.poll(0.1).exits)
    executor.close()


PARENT = """
    import os, sys, time
    from pathlib import Path
    from lrsweep.executors.local import LocalExecutor
    from lrsweep.executors.warm import WarmExecutor
    from tests.executors.family import make_job

    folder, script = Path(sys.argv[1]), Path(sys.argv[2])
    if sys.argv[3] == "warm":
        executor = WarmExecutor([sys.executable, str(script)], "study", env=os.environ)
    else:
        executor = LocalExecutor("study")
    executor.start(make_job(folder, script))
    print(executor.launcher_pid, flush=True)
    while True:
        executor.poll(0.1)
"""


@pytest.fixture(params=["cold", "warm"])
def parent(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A sweep in a process of its own; its trial, and a child that made a session, sleep."""
    script = write_script(tmp_path, "forked", "time.sleep(600)")
    command = [sys.executable, "-c", textwrap.dedent(PARENT), str(tmp_path), str(script)]
    process = subprocess.Popen(
        [*command, request.param], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    )
    wait_for(lambda: len(pids(tmp_path)) >= 2)
    yield process
    process.kill()
    process.communicate()
    families.end_leftovers("study")


def test_a_killed_sweep_leaves_nothing(parent: subprocess.Popen[str], tmp_path: Path) -> None:
    parent.kill()
    wait_for(lambda: not alive(pids(tmp_path)))


def test_what_a_sweep_and_launcher_killed_at_once_leave_is_found_and_ended(
    parent: subprocess.Popen[str], tmp_path: Path
) -> None:
    assert parent.stdout is not None
    launcher = int(parent.stdout.readline())
    os.kill(parent.pid, signal.SIGSTOP)
    os.kill(launcher, signal.SIGKILL)
    assert families.end_leftovers("study") == 0, "its sweep is alive: not for others to end"
    parent.kill()
    parent.wait()
    assert families.end_leftovers("another study") == 0
    assert families.end_leftovers("study") >= 1
    assert alive(pids(tmp_path)) == set()


def mark_of_dead_sweep() -> str:
    with subprocess.Popen([sys.executable, "-c", MARK], stdout=subprocess.PIPE, text=True) as sweep:
        assert sweep.stdout is not None
        return sweep.stdout.read().strip()


MARK = "from lrsweep.processes import families; print(families.owner_of('study'))"


def test_a_process_is_ended_only_by_its_number_and_start_together() -> None:
    env = {**os.environ, families.ENV_OWNER: mark_of_dead_sweep()}
    with subprocess.Popen(["sleep", "600"], env=env) as process:
        pid = process.pid
        start = families.started_at(pid)
        assert not families.end_if_still(pid, "")
        assert not families.end_if_still(pid, start + "0")
        assert alive({pid})
        assert families.end_if_still(pid, start)
        assert not alive({pid})


@pytest.mark.parametrize("whose", ["living", "container", "earlier boot", "nobody", "older"])
def test_a_process_whose_sweep_is_not_proven_dead_is_left_alone(whose: str) -> None:
    dead = mark_of_dead_sweep()
    study, pid, start, namespace = dead.split("@")
    mark = {
        "living": families.owner_of("study"),
        "container": f"{study}@{pid}@{start}@[1]",
        "earlier boot": f"{study}@{pid}@boot:1@{namespace}",
        "nobody": "",
        "older": f"{study}@{pid}@{start}",
    }[whose]
    with subprocess.Popen(["sleep", "600"], env={**os.environ, families.ENV_OWNER: mark}) as other:
        assert families.end_leftovers("study") == 0
        assert not families.end_if_still(other.pid, families.started_at(other.pid))
        assert other.poll() is None
        other.kill()


def test_trial_json_names_the_process(start: Start, tmp_path: Path) -> None:
    script = write_script(tmp_path, "child", "time.sleep(600)")
    executor = start(script)
    job = make_job(tmp_path, script)
    executor.start(job)
    wait_for(lambda: executor.poll(0.01) and executor.pid(job.id))
    content = TrialFolder(job.folder).read_trial()
    assert content["pid"] == executor.pid(job.id)
    assert content["pid_started_at"] == families.started_at(content["pid"])
    assert content["launcher_pid"] == executor.launcher_pid
