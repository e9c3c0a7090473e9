"""`lrsweep run`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer


def run(
    ctx: typer.Context,
    target: Annotated[
        str | None,
        typer.Argument(
            help="A bundled study, a Python script or a sweep.toml; or a command after --. "
            "Default: the bundled study digits.",
            show_default=False,
        ),
    ] = None,
    space: Annotated[
        list[str] | None,
        typer.Option(
            "--space",
            "-s",
            metavar="NAME=…",
            help="A parameter to search: lr=1e-5:1, batch_size=16:256:pow2, optimizer=sgd,adamw, "
            "lr@sgd=1e-3:1. Repeatable.",
        ),
    ] = None,
    fixed: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A fixed parameter. Repeatable."),
    ] = None,
    sampler: Annotated[
        str, typer.Option(help="How to choose: grid, random, tpe, gp or qmc.")
    ] = "tpe",
    pruner: Annotated[
        str, typer.Option(help="How to stop trials that fall behind: median or none.")
    ] = "median",
    trials: Annotated[
        int | None,
        typer.Option(
            "--trials",
            "-n",
            min=1,
            help="How many trials the study should have in the end. "
            "Default: the whole grid, what the study says, or 20.",
            show_default=False,
        ),
    ] = None,
    jobs: Annotated[
        str,
        typer.Option("--jobs", "-j", help="Trials at a time; auto: one a GPU, else one a core."),
    ] = "auto",
    timeout: Annotated[
        str | None,
        typer.Option(help="End the sweep after this long: 90s, 10m, 1h30m.", show_default=False),
    ] = None,
    trial_timeout: Annotated[
        str | None,
        typer.Option(help="End a trial after this long.", show_default=False),
    ] = None,
    metric: Annotated[
        str | None,
        typer.Option(help="The objective, as the script reports it.", show_default=False),
    ] = None,
    direction: Annotated[
        str | None,
        typer.Option(
            help="minimize or maximize. Default: by the metric's name, where it is certain.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="The seed of everything random.")] = 0,
    storage: Annotated[
        str, typer.Option(help="The study database, as an SQLAlchemy URL.")
    ] = "sqlite:///lrsweep.db",
    study: Annotated[
        str | None,
        typer.Option(help="The study's name. Default: the target's.", show_default=False),
    ] = None,
    sweep_dir: Annotated[
        str | None,
        typer.Option(
            "--dir",
            help="Where trial folders go. Default: lrsweep-runs/STUDY.",
            show_default=False,
        ),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    retries: Annotated[
        int, typer.Option(min=0, help="How often a trial that was lost is run again.")
    ] = 1,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Show what would run; start nothing, write nothing."),
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress; only the end.")
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="End with one JSON document on standard output.")
    ] = False,
) -> None:
    """Run a sweep, or go on with one: the same command again continues up to --trials.

    \b
    lrsweep run --space lr=1e-5:1 --sampler random
    lrsweep run train.py -s lr=1e-5:1 --metric val_loss
    lrsweep run -s lr=1e-5:1 --metric val_loss -- python train.py --lr {lr}
    """
    from lrsweep.plan import RunOptions, build_plan, parse_jobs

    plan = build_plan(
        RunOptions(
            target=target,
            command=ctx.obj or (),
            space=tuple(space or ()),
            fixed=tuple(fixed or ()),
            sampler=sampler,
            pruner=pruner,
            trials=trials,
            jobs=parse_jobs(jobs),
            timeout=timeout,
            trial_timeout=trial_timeout,
            metric=metric,
            direction=direction,
            seed=seed,
            storage=storage,
            study=study,
            sweep_dir=sweep_dir,
            device=device,
            retries=retries,
            sweep_command=("lrsweep", *sys.argv[1:]),
        )
    )
    # Only now, so that bad input is answered before anything large is imported.
    from lrsweep.cli.running import dry, run_and_render

    if dry_run:
        dry(plan)
    else:
        run_and_render(plan, quiet=quiet, as_json=json)
