"""How a sweep ended, said to those who wait for it: exit code, JUnit report, GitHub."""

from __future__ import annotations

import math
import os
import sys
from pathlib import Path

from lrsweep.errors import (
    InputError,
    Interrupted,
    LrsweepError,
    ThresholdMissed,
    TooManyFailed,
)
from lrsweep.plan import SweepPlan
from lrsweep.report.annotations import annotation_lines
from lrsweep.report.commands import logs_command
from lrsweep.report.junit import to_junit
from lrsweep.report.markdown import to_markdown
from lrsweep.report.study_report import StudyReport
from lrsweep.shell_lines import shell_line
from lrsweep.sweep import SweepEnd
from lrsweep.trial import StudyRows

# How many trials the summary on GitHub lists.
SUMMARY_TRIALS = 10


def verdict(plan: SweepPlan, end: SweepEnd, rows: StudyRows) -> LrsweepError | None:
    """What the exit code should say; None where all is well."""
    if end.by_user:
        return Interrupted(
            "stopped; the same command resumes it", hint=shell_line(plan.sweep_command)
        )
    failed = sum(count for outcome, count in end.ran.items() if outcome.failed)
    first = next((t.number for t in rows.trials if t.outcome and t.outcome.failed), None)
    see = None if first is None else logs_command(rows, first, "--stderr")
    if end.failed_all:
        return TooManyFailed("every trial of this run failed; see one:", hint=see)
    if plan.settings.max_failed is not None and failed > plan.settings.max_failed:
        trials = "1 trial" if failed == 1 else f"{failed} trials"
        most = plan.settings.max_failed
        return TooManyFailed(f"{trials} of this run failed, above {most}; see one:", hint=see)
    return _threshold(plan, rows)


def _threshold(plan: SweepPlan, rows: StudyRows) -> ThresholdMissed | None:
    if plan.settings.fail_above is None and plan.settings.fail_below is None:
        return None
    best = rows.best.value if rows.best else None
    if best is None or math.isnan(best):
        return ThresholdMissed(f"no trial has a {plan.metric} to hold against the threshold")
    if plan.settings.fail_above is not None and best > plan.settings.fail_above:
        return ThresholdMissed(
            f"the best {plan.metric}, {best:.6g}, is above {plan.settings.fail_above:g}"
        )
    if plan.settings.fail_below is not None and best < plan.settings.fail_below:
        return ThresholdMissed(
            f"the best {plan.metric}, {best:.6g}, is below {plan.settings.fail_below:g}"
        )
    return None


def publish(plan: SweepPlan, report: StudyReport) -> None:
    """Write the JUnit report that was asked for, and tell GitHub where this runs there.

    Raises `InputError` where the report cannot be written.
    """
    if plan.junit is not None:
        try:
            plan.junit.parent.mkdir(parents=True, exist_ok=True)
            plan.junit.write_text(to_junit(report), encoding="utf-8")
        except OSError as problem:
            raise InputError(f"--junit {plan.junit} cannot be written: {problem.strerror}") from (
                problem
            )
    if os.environ.get("GITHUB_ACTIONS") == "true":
        # Standard output may be one JSON document; GitHub reads both.
        print(*annotation_lines(report), sep="\n", file=sys.stderr)
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary:
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(to_markdown(report))
