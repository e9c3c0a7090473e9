"""One run of a command as a trial would run it, to see what it shows and how long it takes."""

from __future__ import annotations

import glob
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from lrsweep.capture import Finding, marks_of, probe
from lrsweep.capture.names import meant_by
from lrsweep.errors import LrsweepError
from lrsweep.executors.local import LocalExecutor
from lrsweep.executors.of_plan import make_executor
from lrsweep.jobs.build import prepare_folders, tidy_folder
from lrsweep.jobs.written_files import size_of, stamps_of, written_since
from lrsweep.plan import SweepPlan
from lrsweep.probing.warm_start import warm_start_saves
from lrsweep.protocol import TrialFolder
from lrsweep.scheduler import Exit, Stop
from lrsweep.trial import Job

_POLL_S = 0.02
_GRACE_S = 5.0
_LONGEST_PRELOAD_S = 600.0
_MOST_FILES = 200
_SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".json")


@dataclass(frozen=True, slots=True)
class ProbeRun:
    """What the command of `job` showed. Times are in seconds.

    `metric` is the one that was asked for; empty where none was. `wall_s` is how long the command
    ran once it was started; with `stopped` it was ended before its own end. `saved_s` is how long
    the imports took that a warm start does once for all trials; None where it was started cold.
    `notes` are the executor's remarks. `written` are the files that it wrote into the folder in
    which it ran, relative to it, and `folder_bytes` is how large that folder is.
    """

    job: Job
    metric: str
    findings: tuple[Finding, ...]
    wall_s: float
    stopped: bool
    saved_s: float | None
    notes: tuple[str, ...]
    written: tuple[str, ...] = ()
    folder_bytes: int = 0

    @property
    def chosen(self) -> Finding | None:
        """The metric that was asked for; None where it is not there, or may be several."""
        names = meant_by(self.metric, (finding.seen.name for finding in self.findings))
        found = [finding for finding in self.findings if (finding.seen.name,) == names]
        return found[0] if found else None


def run_once(plan: SweepPlan, job: Job, timeout_s: float) -> ProbeRun:
    """Run `job` of `plan` to its end, at most `timeout_s`, and read what it printed and wrote.

    Raises `LrsweepError` where the command fails, with the last line of its standard error, and
    `PlanError` where a pattern of `plan.settings.metric_file` names no readable kind of file.
    """
    try:
        return _run_once(plan, job, timeout_s)
    finally:
        tidy_folder(plan, job.first.key.trial)


def _run_once(plan: SweepPlan, job: Job, timeout_s: float) -> ProbeRun:
    before, patterns = stamps_of(Path(plan.target.cwd)), plan.settings.metric_file
    with closing(make_executor(plan)) as executor:
        prepare_folders(job)
        start = marks_of(patterns or _readable(tuple(before)), Path(job.folder), Path(job.cwd))
        executor.start(job)
        run = _watch(executor, job, timeout_s)
        warm = executor.is_warm(job)
    if run.exit.code != 0 and not run.stopped:
        raise _failure(run.exit)
    written = written_since(Path(plan.target.cwd), before)
    folder, cwd = TrialFolder(job.folder), Path(job.cwd)
    findings = probe(folder, cwd, patterns, start=start)
    if not patterns and not any(finding.measure for finding in findings):
        findings = probe(folder, cwd, _readable(written), start=start) or findings
    return ProbeRun(
        job,
        plan.metric,
        findings,
        wall_s=run.ended - run.started,
        stopped=run.stopped,
        saved_s=warm_start_saves(job, run.notes) if warm else None,
        notes=run.notes,
        written=written,
        folder_bytes=size_of(before),
    )


def _readable(written: tuple[str, ...]) -> tuple[str, ...]:
    """Patterns for the files in which metrics may stand: those that were written, and `{dir}`'s."""
    inside = ("{dir}/**/*.csv", "{dir}/**/*.jsonl", "{dir}/**/*.json")
    named = [name for name in written if Path(name).suffix in _SUFFIXES or "tfevents" in name]
    return (*inside, *map(glob.escape, named[:_MOST_FILES]))


@dataclass(frozen=True, slots=True)
class _Run:
    exit: Exit
    started: float
    ended: float
    stopped: bool
    notes: tuple[str, ...]


def _watch(executor: LocalExecutor, job: Job, timeout_s: float) -> _Run:
    """Wait for the end of `job`, and bring it about `timeout_s` after it was started.

    What a warm start imports before does not count.
    """
    due = [(time.monotonic() + timeout_s + _LONGEST_PRELOAD_S, Stop.KILL)]
    stops = list(due)
    notes: list[str] = []
    started: float | None = None
    while True:
        happened = executor.poll(_POLL_S)
        now = time.monotonic()
        notes += happened.notes
        if started is None and executor.pid(job.id) is not None:
            started = now
            stops = [(now + timeout_s, Stop.TERMINATE), (now + timeout_s + _GRACE_S, Stop.KILL)]
            due = list(stops)
        if happened.exits:
            began = now if started is None else started
            return _Run(happened.exits[0], began, now, due != stops, tuple(notes))
        if due and now >= due[0][0]:
            executor.stop(job.id, due.pop(0)[1])


def _failure(exit: Exit) -> LrsweepError:
    code = "its process was lost" if exit.code is None else f"exit code {exit.code}"
    said = f": {exit.detail}" if exit.detail else ", and wrote nothing to standard error"
    return LrsweepError(f"the command failed ({code}){said}")
