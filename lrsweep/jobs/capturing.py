"""Which trials need their output read, and what is looked for in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lrsweep.capture import CaptureSpec, check_pattern
from lrsweep.jobs.report_reader import CaptureOf
from lrsweep.plan import SweepPlan
from lrsweep.terms import is_batch_size
from lrsweep.trial import Job


def capture_of(plan: SweepPlan) -> CaptureOf:
    """What to read of a job of `plan`; raises `PlanError` for a regex or a pattern that is wrong.

    A script that names lrsweep in its source reports by itself. Steps are turned into examples
    where the batch size is known, so that trials of different batch sizes are compared fairly.
    """
    CaptureSpec(plan.metric, plan.settings.metric_regex, plan.settings.metric_file)
    for pattern in plan.settings.metric_file:
        check_pattern(pattern)
    asked_for = plan.settings.metric_regex is not None or bool(plan.settings.metric_file)
    if not asked_for and _speaks_lrsweep(plan.target.argv, plan.target.cwd):
        return lambda _job: None

    def of_job(job: Job) -> CaptureSpec:
        sizes = (v for name, v in job.params.items() if is_batch_size(name) and isinstance(v, int))
        return CaptureSpec(
            plan.metric, plan.settings.metric_regex, plan.settings.metric_file, next(sizes, None)
        )

    return of_job


def _speaks_lrsweep(argv: Sequence[str], cwd: str) -> bool:
    """Whether a script of the command uses the client, as far as its source tells."""
    for argument in argv:
        if argument.endswith(".py"):
            try:
                if b"lrsweep" in Path(cwd, argument).read_bytes():
                    return True
            except OSError:
                continue
    return False
