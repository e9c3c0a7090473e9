"""What `lrsweep confirm` and `run --confirm` do: the best settings again, with shared new seeds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import typer

from lrsweep.cli.console import err_console
from lrsweep.cli.main import app, split_command
from lrsweep.cli.running import render_end, run_in_view, waiting
from lrsweep.errors import InputError, LrsweepError
from lrsweep.plan import RunOptions, SweepPlan, build_plan, read_flags
from lrsweep.report.axes import landscape
from lrsweep.report.live import choose_view
from lrsweep.report.plan import plan_lines
from lrsweep.search.confirmation import (
    Confirm,
    SeededPoint,
    confirmation_points,
    is_confirmation,
)
from lrsweep.store.opening import own_study
from lrsweep.store.read import StudyReader
from lrsweep.sweep import SweepEnd, check_sweep
from lrsweep.trial import StudyRows

# Runs with as many seeds of earlier confirmations do not choose the settings.
_MOST_SEEDS = 100


def confirm_and_render(
    study: str | None,
    storage: str,
    confirm: Confirm,
    machine: dict[str, Any],
    *,
    wait: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Confirm the best settings of `study` and print the report's end.

    `machine` are settings that say where trials run. Raises `InputError` where the study cannot be
    confirmed.
    """
    with StudyReader(storage) as reader:
        rows = reader.study(study)
    plan = build_plan(_options(rows, storage, machine))
    end = run_confirmation(plan, confirm, wait=wait, quiet=quiet)
    render_end(plan, end, as_json=as_json)


def run_confirmation(plan: SweepPlan, confirm: Confirm, *, wait: bool, quiet: bool) -> SweepEnd:
    """Run what is left of the confirmation of `plan`'s study.

    Raises `InputError` where the study recommends no setting, or its space allows no new seeds.
    """
    with StudyReader(plan.storage) as reader:
        rows = reader.study(plan.study)
    points = _points(plan, rows, confirm)
    if not points:
        return SweepEnd(None, by_user=False)
    own = replace(plan, trials=None, settings=plan.settings.replaced(pruner="none"))
    slots = check_sweep(own)
    with own_study(own, waiting if wait else None) as lock:
        view = choose_view(
            err_console(),
            metric=plan.metric,
            direction=plan.direction,
            total=len(rows.trials) + len(points),
            before=rows.trials,
            quiet=quiet,
        )
        return run_in_view(own, view, plan_lines(own, slots), lock=lock, confirming=points)


def _points(plan: SweepPlan, rows: StudyRows, confirm: Confirm) -> list[SeededPoint]:
    seed = plan.settings.seed
    searched = [
        t for t in rows.trials if not is_confirmation(t, seed, max(confirm.seeds, _MOST_SEEDS))
    ]
    land = landscape(replace(rows, trials=tuple(searched)))
    if not land.recommends:
        raise InputError(
            f"study {rows.name!r} recommends no setting that could run again",
            hint=f"see why: lrsweep report {rows.name}",
        )
    settings = [one.params for one in land.ranked[: confirm.top]]
    return confirmation_points(settings, confirm.seeds, plan.space, seed, rows.trials)


def _options(rows: StudyRows, storage: str, machine: dict[str, Any]) -> RunOptions:
    """The options of the run that made the study, as it typed them, with the space as it was."""
    if rows.sweep_command[:2] != ("lrsweep", "run"):
        raise InputError(
            f"study {rows.name!r} was not made by lrsweep run, so its trials cannot run again"
        )
    arguments, command = split_command(rows.sweep_command[2:])
    group: Any = typer.main.get_command(app)
    run = group.get_command(group.make_context("lrsweep", ["run"]), "run")
    try:
        given = run.make_context("run", list(arguments)).params
    except LrsweepError:
        raise
    except Exception as error:
        raise InputError(
            f"the line that made study {rows.name!r} is not understood any more: {error}"
        ) from error
    options = read_flags(given, command, rows.sweep_command)
    return options.replaced(space=rows.space, fixed=(), study=rows.name, storage=storage, **machine)
