"""What a sweep that died left open: processes to end, reports to replay, trials to close."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace

from lrsweep.analysis.objective import Objective
from lrsweep.analysis.wording import counted
from lrsweep.executors.base import Executor, Left
from lrsweep.jobs.build import tidy_folder
from lrsweep.jobs.capturing import capture_of
from lrsweep.jobs.report_reader import ReportReader
from lrsweep.jobs.thinning import standing, thinned
from lrsweep.plan import SweepPlan
from lrsweep.protocol import TrialFolder
from lrsweep.store.study import MOST_REPLAYED, OpenAttempt, StudyStore
from lrsweep.trial import Ending, Job, Member, Outcome, Report, Slot, TrialKey, job_id

_DIED = "the sweep that ran it died"


def recover(
    plan: SweepPlan, store: StudyStore, executor: Executor, note: Callable[[str], None]
) -> None:
    """Close what a former sweep left open.

    What its trials reported is replayed, by the very reader that a living sweep reads with. A trial
    whose process had ended well is complete (or pruned, or diverged); the others are run again.
    """
    left = store.left_open()
    ended = executor.end_former([Left(job_id(a.key), a.key, a.folder) for a in left])
    if ended:
        processes = "1 process" if ended == 1 else f"{ended} processes"
        note(f"a former run left {processes} behind; ended")
    again = 0
    for attempt in left:
        ending = _close(plan, store, attempt)
        is_lost = ending.outcome is Outcome.LOST  # no fault of the trial: retries do not count it
        store.finish(ending, again=is_lost)
        tidy_folder(plan, attempt.key.trial, again=is_lost)
        again += is_lost
    if left:
        store.flush()
    if len(left) > again:
        note(f"a former run left {counted(len(left) - again, 'trial')} that had ended; recorded")
    if again:
        note(f"a former run left {counted(again, 'trial')} unfinished, to be run again")


def _close(plan: SweepPlan, store: StudyStore, attempt: OpenAttempt) -> Ending:
    folder = TrialFolder(attempt.folder)
    trial = folder.read_trial()
    if not store.wrote(trial, attempt.key):
        return Ending(attempt.key, Outcome.LOST, reason=_DIED, at=time.time())
    member = Member(attempt.key, attempt.params, int(trial.get("seed", 0)), attempt.folder)
    job = Job(
        job_id(attempt.key),
        Slot(0),
        (member,),
        tuple(trial.get("command", ())),
        cwd=str(trial.get("cwd", folder.path)),
        study=store.identity,
    )
    reader = ReportReader(job, member, capture_of(plan)(job))
    reports = standing(thinned(reader.finish(killed=folder.exit_code() is None), MOST_REPLAYED))
    store.replay(attempt.key, reports)
    stop = folder.stop_reason() if reader.has_heard else None
    objective = Objective(plan.settings.objective, plan.direction)
    ending = ending_of(attempt.key, plan.metric, reports, folder.exit_code(), stop, objective)
    if (said := reader.ended) is not None:
        return replace(ending, outcome=said.outcome, reason=said.reason)
    return ending


def ending_of(
    key: TrialKey,
    metric: str,
    reports: list[Report],
    code: int | None,
    stop: str | None,
    objective: Objective,
) -> Ending:
    """How an attempt ended that nobody watched.

    `objective` is that of a trial that has said nothing yet, `code` its exit code, None where it
    did not end by itself; `stop` is why it was asked to stop, where it obeyed.
    """
    now = time.time()
    said = [report for report in reports if metric in report.metrics]
    values = [report.metrics[metric] for report in said]
    for report in said:
        objective.add(report.metrics[metric], report.step, report.fold, named=report.named)
    value = objective.value
    if code is None or code < 0:
        return Ending(key, Outcome.LOST, value, _DIED, at=now)
    if code > 0:
        return Ending(key, Outcome.CRASHED, value, f"exit code {code}", code, now)
    if value is None:
        return Ending(key, Outcome.CRASHED, None, f"it never reported {metric}", code, now)
    if any(not math.isfinite(value) for value in values):
        reason = f"{metric} became {next(v for v in values if not math.isfinite(v))}"
        return Ending(key, Outcome.DIVERGED, value, reason, code, now)
    if stop is not None:
        return Ending(key, Outcome.PRUNED, value, stop, code, now)
    return Ending(key, Outcome.COMPLETED, value, objective.sentence, code, now)
