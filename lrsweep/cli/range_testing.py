"""What `lrsweep find` does: runs range tests, shows what they found, and hands it on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from lrsweep.analysis.found import LOSS, NO_RANGE_TEST, Found, Verified
from lrsweep.cli.console import err_console, out_console
from lrsweep.cli.running import run_and_render, run_in_view
from lrsweep.errors import Interrupted, LrsweepError, PlanError, TooManyFailed
from lrsweep.plan import RunOptions, SweepPlan, build_plan
from lrsweep.range_test.handover import hand_over
from lrsweep.range_test.plan import find_plan
from lrsweep.range_test.recorded import newest_found, read_found
from lrsweep.range_test.target import rate_name
from lrsweep.range_test.verify import verified, verify_plan
from lrsweep.report.json_text import json_text
from lrsweep.report.live import QuietView, choose_view
from lrsweep.report.plan import plan_lines
from lrsweep.report.range_test import (
    RangeTestView,
    document,
    first_lines,
    render_found,
    render_verified,
)
from lrsweep.report.sections import print_command
from lrsweep.shell_lines import shell_line
from lrsweep.storage_url import shown, storage_option
from lrsweep.store.read import StudyReader
from lrsweep.sweep import check_sweep


def find_and_render(
    options: RunOptions,
    per: tuple[str, ...],
    ramp: str,
    *,
    verify: bool,
    sweep: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Run the range tests, print what they found; then verify or sweep where that was asked for."""
    plan = find_plan(options, per, ramp)
    view = QuietView() if quiet else RangeTestView(err_console(), plan.space.grid_size())
    _run(plan, view, [f"study    {plan.study}  ({shown(plan.storage)})", f"rates    {ramp}"])
    found = read_found(plan.storage, plan.study)
    if (problem := _no_test(plan, found)) is not None:
        raise problem
    if not as_json:
        render_found(found, out_console())
    answers = _verify(options, plan, found, quiet) if verify else {}
    if as_json:
        content = document(plan.study, shown(plan.storage), found)
        if verify:
            content["verified"] = [asdict(a) | {"off": a.off} for a in answers.values()]
        print(json_text("find", content), end="")
        return
    render_verified(found, answers, out_console())
    if sweep:
        again = options.replaced(sweep_command=_sweep_command(options))
        _sweep(again, plan.study, found, quiet=quiet)
    elif any(one.test.bracket for one in found):
        print_command(out_console(), "Sweep the bracket", shell_line(_sweep_command(options)))


def run_from_find(
    options: RunOptions, *, dry_run: bool, wait: bool, quiet: bool, as_json: bool
) -> None:
    """Sweep what the newest range test of the target found.

    Raises `NotFound` where there is none with a bracket.
    """
    study, found = newest_found(options)
    _sweep(options, study, found, dry_run=dry_run, wait=wait, quiet=quiet, as_json=as_json)


def _sweep(
    options: RunOptions,
    study: str,
    found: Sequence[Found],
    *,
    dry_run: bool = False,
    wait: bool = False,
    quiet: bool = False,
    as_json: bool = False,
) -> None:
    handed = hand_over(options, study, found)
    plan = build_plan(handed.options)
    if dry_run:
        for line in [*plan_lines(plan, check_sweep(plan)), *first_lines(handed.first)]:
            out_console().print(line, soft_wrap=True)
        return
    # A grid visits its own points, in order.
    first = () if plan.settings.sampler == "grid" else handed.first
    run_and_render(plan, first=first, wait=wait, quiet=quiet, as_json=as_json)


def _verify(
    options: RunOptions, tested: SweepPlan, found: Sequence[Found], quiet: bool
) -> dict[int, Verified]:
    """What five full trials say of each bracket, by trial of the range test."""
    answers = {}
    for one in found:
        if one.test.bracket is None:
            continue
        plan = verify_plan(options, tested.study, one)
        total = plan.space.grid_size()
        view = choose_view(
            err_console(), metric=plan.metric, direction=plan.direction, total=total, quiet=quiet
        )
        _run(plan, view, [f"study    {plan.study}: {total} rates across the bracket"])
        with StudyReader(plan.storage) as reader:
            rows = reader.study(plan.study)
        if (answer := verified(rows, one, rate_name(options))) is not None:
            answers[one.trial] = answer
    return answers


def _run(plan: SweepPlan, view: QuietView, lines: list[str]) -> None:
    check_sweep(plan)
    if run_in_view(plan, view, lines).by_user:
        raise Interrupted(
            "stopped; run the same command again to resume", hint=shell_line(plan.sweep_command)
        )


def _no_test(plan: SweepPlan, found: Sequence[Found]) -> LrsweepError | None:
    """Why there is nothing to show; None where at least one range test has a curve."""
    if any(one.test.smoothed for one in found):
        return None
    label = plan.target.label
    if all(one.test.problem == NO_RANGE_TEST for one in found):
        seen = "an optimizer of PyTorch" if plan.metric != LOSS else "lrsweep.train.fit"
        return PlanError(
            f"{label} ran, and its learning rate could not be raised: it does not train with"
            f" {seen}",
            hint="sweep the rate as it is: lrsweep run",
        )
    storage = storage_option(plan.storage)
    logs = shell_line(
        ["lrsweep", "logs", str(found[0].trial), "--stderr", "--study", plan.study, *storage]
    )
    return TooManyFailed(f"the range test of {label} {found[0].test.problem}", hint=logs)


def _sweep_command(options: RunOptions) -> tuple[str, ...]:
    """The line that sweeps the newest range test of the same target."""
    target = () if options.target is None else (options.target,)
    storage = () if options.storage is None else storage_option(options.storage)
    command = ("--", *options.command) if options.command else ()
    return ("lrsweep", "run", *target, "--from-find", *storage, *command)
