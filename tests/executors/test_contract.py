"""One contract for every executor; each runs the same small trainings its own way."""

from __future__ import annotations

import math
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
from lrsweep.jobs.build import prepare_folders
from lrsweep.scheduler import Exit, Stop
from lrsweep.trial import Ended, Job, Member, Outcome, Report, Slot, TrialKey, job_id

# The trainings, as scripts for processes and as generators for the fake.
SCRIPTS = {
    "three": "for i in (1, 2, 3): trial.report(i, loss=1 / i)",
    "silent": "pass",
    "crash": "trial.report(1, loss=1)\nraise KeyError('x')",
    "exit_3": "raise SystemExit(3)",
    "members": "a, b, c = trials\n"
    "a.report(1, loss=1)\nb.report(1, loss=2)\nc.report(1, loss=float('nan'))\n"
    "c.end('diverged', 'loss became nan')\na.report(2, loss=0.5)\na.end()\n"
    "import time\n"
    "try:\n    while True: b.report(2, loss=2), time.sleep(0.01)\n"
    "except lrsweep.TrialStopped: pass",
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
        case "members":
            a, b, c = (member.key.trial for member in job.members)
            yield Report(a, 1, 1, {"loss": 1.0})
            yield Report(b, 1, 1, {"loss": 2.0})
            yield Report(c, 1, 1, {"loss": math.nan})
            yield Ended(TrialKey(c, 1), Outcome.DIVERGED, "loss became nan")
            yield Report(a, 1, 2, {"loss": 0.5})
            yield Ended(TrialKey(a, 1), Outcome.COMPLETED)
            while not (yield Report(b, 1, 2, {"loss": 2.0})):
                pass
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
    with MAKERS[request.param](tmp_path / "train.py") as made:
        yield made


@pytest.fixture
def make_job(tmp_path: Path) -> Callable[..., Job]:
    script = tmp_path / "train.py"
    cases = "\n".join(
        f"elif name == {name!r}:\n{textwrap.indent(code, '    ')}" for name, code in SCRIPTS.items()
    )
    script.write_text(
        "import sys, lrsweep\ntrials, name = lrsweep.current_trials(), sys.argv[1]\n"
        "trial = trials[0]\n"
        f"if False: pass\n{cases}\n"
    )

    def make(training: str, trial: int = 0, attempt: int = 1, members: int = 1) -> Job:
        keys = [TrialKey(number, attempt) for number in range(trial, trial + members)]
        folders = [protocol.TrialFolder.of(tmp_path, key.trial) for key in keys]
        env = {
            protocol.ENV_FOLDER: str(folders[0].path),
            protocol.ENV_TRIAL: str(trial),
            protocol.ENV_ATTEMPT: str(attempt),
        }
        if members > 1:
            env[protocol.ENV_MEMBERS] = str(folders[0].members)
        job = Job(
            job_id(keys[0]),
            Slot(0),
            tuple(Member(key, {}, 0, str(f.path)) for key, f in zip(keys, folders, strict=True)),
            (sys.executable, str(script), training),
            env,
            str(tmp_path),
        )
        prepare_folders(job)
        return job

    return make


@dataclass
class Seen:
    steps: dict[TrialKey, list[int]] = field(default_factory=dict)
    heard: list[TrialKey] = field(default_factory=list)
    ended: dict[TrialKey, Ended] = field(default_factory=dict)
    exits: dict[str, Exit] = field(default_factory=dict)

    def add(self, result: PollResult) -> None:
        for report in result.reports:
            key = TrialKey(report.trial, report.attempt)
            assert key not in self.ended, "a report came after the end of its member"
            assert job_id(key) not in self.exits, "a report came after the exit"
            self.steps.setdefault(key, []).append(report.step)
        self.heard += result.heard
        for ended in result.ended:
            assert ended.key not in self.ended, "a member ended twice"
            self.ended[ended.key] = ended
        for exit in result.exits:
            assert exit.job not in self.exits, "a job exited twice"
            self.exits[exit.job] = exit


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
    assert seen.steps == {job.first.key: [1, 2, 3]}
    assert seen.exits == {job.id: Exit(job.id, 0)}


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
    assert watch(executor, lambda seen: seen.exits).exits[job.id].code == code


def test_a_crash_says_what_was_wrong(executor: Executor, make_job: JobMaker) -> None:
    job = make_job("crash")
    executor.start(job)
    assert watch(executor, lambda seen: seen.exits).exits[job.id].detail == "KeyError: 'x'"


def test_a_job_that_is_asked_to_stop_obeys_at_its_next_report(
    executor: Executor, make_job: JobMaker
) -> None:
    job = make_job("endless")
    executor.start(job)
    watch(executor, lambda seen: seen.steps)
    executor.stop(job.id, Stop.ASK, job.first.key, "behind the others")
    seen = watch(executor, lambda seen: seen.exits)
    assert seen.exits[job.id] == Exit(job.id, 0)
    assert seen.heard == [job.first.key]


def test_members_of_a_job_end_one_by_one_while_it_continues(
    executor: Executor, make_job: JobMaker
) -> None:
    job = make_job("members", members=3)
    a, b, c = (member.key for member in job.members)
    executor.start(job)
    seen = watch(executor, lambda seen: len(seen.ended) == 2)
    assert seen.exits == {}
    assert seen.ended == {
        a: Ended(a, Outcome.COMPLETED),
        c: Ended(c, Outcome.DIVERGED, "loss became nan"),
    }
    executor.stop(job.id, Stop.ASK, b, "behind the others")
    rest = watch(executor, lambda seen: seen.exits)
    assert rest.exits == {job.id: Exit(job.id, 0)}
    assert rest.ended[b].outcome is Outcome.PRUNED
    assert seen.steps[a] == [1, 2]
    assert seen.steps[c] == [1]


def test_a_job_holds_its_members_until_it_exits(executor: Executor, make_job: JobMaker) -> None:
    job = make_job("members", members=3)
    executor.start(job)
    watch(executor, lambda seen: len(seen.ended) == 2)
    executor.stop(job.id, Stop.KILL)
    exit = watch(executor, lambda seen: seen.exits).exits[job.id]
    assert (exit.code, exit.stopped) == (-9, True)


def test_an_executor_says_where_jobs_may_run(executor: Executor) -> None:
    assert list(executor.slots) == [Slot(0)]
    assert executor.has_room(Slot(0))
    assert executor.end_former([]) == 0


@pytest.mark.parametrize(("how", "code"), [(Stop.TERMINATE, -15), (Stop.KILL, -9)])
def test_a_job_is_terminated_and_killed(
    executor: Executor, make_job: JobMaker, how: Stop, code: int
) -> None:
    job = make_job("endless")
    executor.start(job)
    watch(executor, lambda seen: seen.steps)
    executor.stop(job.id, how)
    assert watch(executor, lambda seen: seen.exits).exits[job.id].code == code


def test_stopping_a_job_that_is_gone_does_nothing(executor: Executor, make_job: JobMaker) -> None:
    job = make_job("silent")
    executor.start(job)
    watch(executor, lambda seen: seen.exits)
    for how in Stop:
        executor.stop(job.id, how)
    assert executor.poll(0.0) == PollResult()


def test_a_second_attempt_reports_under_its_own_number(
    executor: Executor, make_job: JobMaker
) -> None:
    first, second = make_job("three"), make_job("three", attempt=2)
    executor.start(first)
    watch(executor, lambda seen: seen.exits)
    executor.start(second)
    seen = watch(executor, lambda seen: seen.exits)
    assert seen.steps == {second.first.key: [1, 2, 3]}


def test_polling_with_nothing_to_do_returns(executor: Executor) -> None:
    assert executor.poll(0.0) == PollResult()


def test_closing_ends_what_runs(executor: Executor, make_job: JobMaker) -> None:
    for trial in range(2):
        executor.start(make_job("endless", trial))
    watch(executor, lambda seen: len(seen.steps) == 2)
    executor.close()
