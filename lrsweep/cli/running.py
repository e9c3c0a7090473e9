"""What `lrsweep run` does with a plan: shows it, runs it, and renders how it ended."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from lrsweep.cli.console import busy, err_console, out_console
from lrsweep.cli.verdict import SUMMARY_TRIALS, publish, verdict
from lrsweep.errors import NotFound
from lrsweep.executors.base import Executor
from lrsweep.plan import SweepPlan
from lrsweep.report.document import document
from lrsweep.report.json_text import json_number, json_text
from lrsweep.report.live import QuietView, choose_view
from lrsweep.report.plan import plan_lines
from lrsweep.report.study_report import read_report
from lrsweep.report.terminal import print_parts
from lrsweep.search.confirmation import Confirm, SeededPoint
from lrsweep.shell_lines import shell_line
from lrsweep.storage_url import shown
from lrsweep.store.lock import StudyLock
from lrsweep.store.opening import own_study
from lrsweep.store.read import StudyReader
from lrsweep.sweep import SweepEnd, check_sweep, first_commands, run_sweep
from lrsweep.trial import Params, Slot, StudyRows, TrialRow

_DRY_RUN_COMMANDS = 3


def dry(plan: SweepPlan, *, as_json: bool = False) -> None:
    """Print the plan and the first commands; start nothing, write nothing."""
    if as_json:
        slots = check_sweep(plan)
        print(json_text("dry_run", _dry_document(plan, slots)), end="")
        return
    console = out_console()
    for line in plan_lines(plan, check_sweep(plan)):
        console.print(line, highlight=False, markup=False)
    console.print(f"grid     {plan.space.grid_size()} points", highlight=False)
    console.print("first commands", highlight=False)
    for command in first_commands(plan, _DRY_RUN_COMMANDS):
        console.print(f"  {shell_line(command)}", soft_wrap=True, highlight=False, markup=False)


def _dry_document(plan: SweepPlan, slots: Sequence[Slot]) -> dict[str, Any]:
    return {
        "study": plan.study,
        "storage": shown(plan.storage),
        "target": plan.target.label,
        "metric": plan.metric,
        "direction": plan.direction.value,
        "sampler": plan.settings.sampler,
        "pruner": plan.settings.pruner,
        "space": list(plan.space.texts()),
        "trials": plan.trials,
        "grid": plan.space.grid_size(),
        "jobs": len(slots),
        "lines": plan_lines(plan, slots),
        "first_commands": [list(command) for command in first_commands(plan, _DRY_RUN_COMMANDS)],
    }


def run_and_render(
    plan: SweepPlan,
    executor: Executor | None = None,
    *,
    first: Sequence[Params] = (),
    wait: bool,
    quiet: bool,
    as_json: bool,
    confirm: Confirm | None = None,
) -> None:
    """Run `plan` in `executor`, the points `first` before others, then print its end.

    With `confirm` the best settings run again before that.

    Raises what the exit code should say.
    """
    slots = check_sweep(plan)
    with ExitStack() as held:
        with busy("opening the study"):
            lock = held.enter_context(own_study(plan, waiting if wait else None))
            before = _trials_before(plan)
        view = choose_view(
            err_console(),
            metric=plan.metric,
            direction=plan.direction,
            total=plan.space.grid_size() if plan.trials is None else plan.trials,
            before=before,
            space=plan.space.texts(),
            quiet=quiet,
        )
        end = run_in_view(plan, view, plan_lines(plan, slots), executor, lock, first)
    if confirm is not None and end.interrupted is None:
        from lrsweep.cli.confirming import run_confirmation

        end = run_confirmation(plan, confirm, wait=wait, quiet=quiet)
    render_end(plan, end, as_json=as_json)


def render_end(plan: SweepPlan, end: SweepEnd, *, as_json: bool) -> None:
    """Print how a run of `plan` ended; raises what the exit code should say."""
    with busy("reading the study"), StudyReader(plan.storage) as reader:
        report = read_report(reader, plan.study, top=SUMMARY_TRIALS, whole=False)
    error = verdict(plan, end, report.rows)
    if error is not None:
        report = replace(report, failure=error.message)
    if as_json:
        print(json_text("run", _document(report.rows, end)), end="")
    else:
        print_parts(document(report, whole=False), out_console())
    publish(plan, report)
    if error is not None:
        raise error


def run_in_view(
    plan: SweepPlan,
    view: QuietView,
    lines: list[str],
    executor: Executor | None = None,
    lock: StudyLock | None = None,
    first: Sequence[Params] = (),
    confirming: Sequence[SeededPoint] | None = None,
) -> SweepEnd:
    """Run `plan` while `view` shows it, beginning with `lines`."""
    view.started(lines)
    try:
        return run_sweep(plan, view, executor, lock, first, confirming)
    finally:
        view.finished()


def waiting(taken: str) -> None:
    """Says that this run waits for another."""
    print(f"{taken}; this one waits for its end", file=sys.stderr, flush=True)


def _trials_before(plan: SweepPlan) -> tuple[TrialRow, ...]:
    try:
        with StudyReader(plan.storage) as reader:
            return reader.study(plan.study).trials
    except NotFound:
        return ()


def _document(rows: StudyRows, end: SweepEnd) -> dict[str, Any]:
    """The JSON document of a run: what a script wants to know of it."""
    counts: dict[str, int] = {}
    for trial in rows.trials:
        name = trial.outcome.value if trial.outcome else "running"
        counts[name] = counts.get(name, 0) + 1
    best = rows.best
    return {
        "study": rows.name,
        "storage": rows.storage,
        "metric": rows.metric,
        "direction": rows.direction.value,
        "trials": counts,
        "best": None
        if best is None
        else {
            "trial": best.number,
            "value": json_number(best.value),
            "params": dict(best.params),
            "wall_s": best.wall_s,
            "command": list(best.command),
        },
        "wall_s": rows.wall_s,
        "stopped_early": end.interrupted,
    }
