"""One contract for every executor; each runs the same small trainings its own way."""

from __future__ import annotations

import os
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from lrsweep import protocol
from lrsweep.executors.base import Executor, PollResult
from lrsweep.executors.inline import InlineExecutor, Training
from lrsweep.executors.local import LocalExecutor
from lrsweep.executors.warm import WarmExecutor
from lrsweep.scheduler import Exit, Stop
from lrsweep.trial import Job, Slot, TrialKey

# The trainings, as scripts for processes and as generators for the fake.
SCRIPTS = {
    "three": "for i in (1, 2, 3): trial.report(i, loss=1 / i)",
    "silent": "pass",
    "crash": "trial.report(1, loss=1)\nraise KeyError('x')",
    "exit_3": "raise SystemExit(3)",
    "endless": "import itertools, time\n"
    "for i in itertools.count(1):\n    trial.report(i, loss=1)\n    time.sleep(0.01)",
}


def train(job: Job) -> Training:
    match job.argv[-1]:
        case "three":
            for step in (1, 2, 3):
                yield step, {"loss": 1 / step}
        case "crash":
            yield 1, {"loss": 1.0}
            raise KeyError("x")
        case "exit_3":
            return 3
        case "endless":
            step = 0
            while True:
                step += 1
                yield step, {"loss": 1.0}
    return 0


MAKERS: dict[str, Callable[[Path], Executor]] = {
    "inline": lambda _: InlineExecutor(train),
    "local": lambda _: LocalExecutor(),
    "warm": lambda script: WarmExecutor([sys.executable, str(script)], env=os.environ),
}


@pytest.fixture(params=MAKERS)
def executor(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Executor]:
    made = MAKERS[request.param](tmp_path / "train.py")
    yield made
    made.close()


@pytest.fixture
def make_job(tmp_path: Path) -> Callable[..., Job]:
    script = tmp_path / "train.py"
    cases = "\n".join(
        f"elif name == {name!r}:\n{textwrap.indent(code, '    ')}" for name, code in SCRIPTS.items()
    )
    script.write_text(
        "import sys, lrsweep\ntrial, name = lrsweep.current_trial(), sys.argv[1]\n"
        f"if False: pass\n{cases}\n"
    )

    def make(training: str, trial: int = 0, attempt: int = 1) -> Job:
        folder = protocol.TrialFolder.of(tmp_path, trial).path
        folder.mkdir(parents=True, exist_ok=True)
        env = {
            **os.environ,
            protocol.ENV_FOLDER: str(folder),
            protocol.ENV_TRIAL: str(trial),
            protocol.ENV_ATTEMPT: str(attempt),
        }
        argv = (sys.executable, str(script), training)
        key = TrialKey(trial, attempt)
        return Job(key, argv, env, str(tmp_path), str(folder), {}, 0, Slot(0))

    return make


@dataclass
class Seen:
    steps: dict[TrialKey, list[int]] = field(default_factory=dict)
    exits: dict[TrialKey, Exit] = field(default_factory=dict)

    def add(self, result: PollResult) -> None:
        for report in result.reports:
            key = TrialKey(report.trial, report.attempt)
            assert key not in self.exits, "a report came after the exit"
            self.steps.setdefault(key, []).append(report.step)
        for exit in result.exits:
            assert exit.key not in self.exits, "a job exited twice"
            self.exits[exit.key] = exit


def watch(executor: Executor, until: Callable[[Seen], object]) -> Seen:
    seen, deadline = Seen(), time.monotonic() + 60
    while not until(seen):
        assert time.monotonic() < deadline, f"gave up waiting; seen: {seen}"
        seen.add(executor.poll(0.1))
    return seen


JobMaker = Callable[..., Job]


def test_every_report_arrives_in_order_and_then_the_exit(
    executor: Executor, make_job: JobMaker
) -> None:
    job = make_job("three")
    executor.start(job)
    seen = watch(executor, lambda seen: seen.exits)
    assert seen.steps == {job.key: [1, 2, 3]}
    assert seen.exits == {job.key: Exit(job.key, 0)}


def test_jobs_run_side_by_side(executor: Executor, make_job: JobMaker) -> None:
    jobs = [make_job("endless", trial) for trial in range(3)]
    for job in jobs:
        executor.start(job)
    seen = watch(executor, lambda seen: len(seen.steps) == 3)
    assert seen.exits == {}


@pytest.mark.parametrize(("training", "code"), [("silent", 0), ("exit_3", 3), ("crash", 1)])
def test_the_exit_code_is_the_trainings(
    executor: Executor, make_job: JobMaker, training: str, code: int
) -> None:
    job = make_job(training)
    executor.start(job)
    assert watch(executor, lambda seen: seen.exits).exits[job.key].code == code


def test_a_crash_says_what_was_wrong(executor: Executor, make_job: JobMaker) -> None:
    job = make_job("crash")
    executor.start(job)
    assert watch(executor, lambda seen: seen.exits).exits[job.key].detail == "KeyError: 'x'"


def test_a_job_that_is_asked_to_stop_obeys_at_its_next_report(
    executor: Executor, make_job: JobMaker
) -> None:
    job = make_job("endless")
    executor.start(job)
    watch(executor, lambda seen: seen.steps)
    executor.stop(job.key, Stop.ASK)
    exit = watch(executor, lambda seen: seen.exits).exits[job.key]
    assert (exit.code, exit.stopped) == (0, True)


@pytest.mark.parametrize(("how", "code"), [(Stop.TERMINATE, -15), (Stop.KILL, -9)])
def test_a_job_is_terminated_and_killed(
    executor: Executor, make_job: JobMaker, how: Stop, code: int
) -> None:
    job = make_job("endless")
    executor.start(job)
    watch(executor, lambda seen: seen.steps)
    executor.stop(job.key, how)
    assert watch(executor, lambda seen: seen.exits).exits[job.key].code == code


def test_stopping_a_job_that_is_gone_does_nothing(executor: Executor, make_job: JobMaker) -> None:
    job = make_job("silent")
    executor.start(job)
    watch(executor, lambda seen: seen.exits)
    for how in Stop:
        executor.stop(job.key, how)
    assert executor.poll(0.0) == PollResult()


def test_a_second_attempt_reports_under_its_own_number(
    executor: Executor, make_job: JobMaker
) -> None:
    first, second = make_job("three"), make_job("three", attempt=2)
    executor.start(first)
    watch(executor, lambda seen: seen.exits)
    executor.start(second)
    seen = watch(executor, lambda seen: seen.exits)
    assert seen.steps == {second.key: [1, 2, 3]}


def test_polling_with_nothing_to_do_returns(executor: Executor) -> None:
    assert executor.poll(0.0) == PollResult()


def test_closing_ends_what_runs(executor: Executor, make_job: JobMaker) -> None:
    for trial in range(2):
        executor.start(make_job("endless", trial))
    watch(executor, lambda seen: len(seen.steps) == 2)
    executor.close()
