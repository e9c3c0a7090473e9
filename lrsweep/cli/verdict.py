"""How a sweep ended, said to those who wait for it: exit code, JUnit report, GitHub."""

from __future__ import annotations

import math
import os
import sys
from pathlib import Path

from lrsweep.analysis.wording import counted
from lrsweep.errors import (
    InputError,
    Interrupted,
    LrsweepError,
    PlanError,
    ThresholdMissed,
    TooManyFailed,
)
from lrsweep.plan import SweepPlan
from lrsweep.report.annotations import annotation_lines
from lrsweep.report.commands import logs_command
from lrsweep.report.junit import to_junit
from lrsweep.report.markdown import to_markdown
from lrsweep.report.outcomes import outcome_said
from lrsweep.report.study_report import StudyReport
from lrsweep.shell_lines import shell_line
from lrsweep.sweep import SweepEnd
from lrsweep.trial import Outcome, StudyRows

# How many trials the summary on GitHub lists.
SUMMARY_TRIALS = 10


def verdict(plan: SweepPlan, end: SweepEnd, rows: StudyRows) -> LrsweepError | None:
    """What the exit code should say; None where all is well."""
    if end.by_user:
        return Interrupted(
            "stopped; the same command resumes it", hint=shell_line(plan.sweep_command)
        )
    if end.mistake:
        return PlanError(end.mistake, hint="--observe off sweeps it all the same")
    failed = sum(count for outcome, count in end.ran.items() if outcome.failed)
    see = _see_a_failure(rows)
    if end.gave_up:
        return TooManyFailed(f"{end.interrupted}; see one:", hint=see)
    if end.failed_all:
        return TooManyFailed("every trial of this run failed; see one:", hint=see)
    most = plan.settings.max_failed
    if most is not None and failed > most:
        return TooManyFailed(
            f"{counted(failed, 'trial')} failed, above --max-failed {most}; see one:", hint=see
        )
    return _threshold(plan, rows) or _nothing_completed(plan, end)


def _see_a_failure(rows: StudyRows) -> str | None:
    failed = [t.number for t in rows.trials if t.outcome is not None and t.outcome.failed]
    return logs_command(rows, failed[-1], "--stderr") if failed else None


def _nothing_completed(plan: SweepPlan, end: SweepEnd) -> TooManyFailed | None:
    """What a run says that brought no result, where one was wanted."""
    if end.ran.get(Outcome.COMPLETED):
        return None
    if end.ran:
        counts = ", ".join(
            f"{count} {outcome_said(outcome).text}" for outcome, count in end.ran.items()
        )
        why = f": {end.interrupted}" if end.interrupted else ""
        return TooManyFailed(f"no trial of this run completed ({counts}){why}")
    if end.missing:
        missing = f"{counted(end.missing, 'trial')} of {plan.trials}"
        return TooManyFailed(f"nothing was run, although {missing} are missing")
    return None


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
