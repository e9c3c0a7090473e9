"""`lrsweep run`: an option for every setting, and those of one run."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import Annotated, Any

import typer

from lrsweep.cli.completion import complete_bundled
from lrsweep.cli.setting_options import with_settings
from lrsweep.settings import BY_NAME
from lrsweep.settings.declared import CHECK, KEEP, SEARCH

_OUTPUT = "Output"


@with_settings(BY_NAME)
def run(
    ctx: typer.Context,
    target: Annotated[
        str | None,
        typer.Argument(
            help="A bundled study, a Python script or a sweep.toml; or a command after --. "
            "Default: the bundled study digits.",
            autocompletion=complete_bundled,
            show_default=False,
        ),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="A variation that the sweep.toml describes in its table preset.NAME.",
            show_default=False,
            rich_help_panel=SEARCH,
        ),
    ] = None,
    from_find: Annotated[
        bool,
        typer.Option(
            "--from-find",
            help="Search the range that the newest lrsweep find of this target found, half a "
            "decade wider either side, and begin with the rates that it suggests.",
            rich_help_panel=SEARCH,
        ),
    ] = False,
    confirm: Annotated[
        str | None,
        typer.Option(
            metavar="TOPxSEEDS",
            help="In the end run the best settings again with new seeds, shared between them: 3x5.",
            show_default=False,
            rich_help_panel=SEARCH,
        ),
    ] = None,
    wait: Annotated[
        bool,
        typer.Option(
            "--wait",
            help="Where another lrsweep runs this study: wait for its end, then continue it.",
            rich_help_panel=KEEP,
        ),
    ] = False,
    smoke: Annotated[
        bool,
        typer.Option(
            "--smoke",
            help="Only see whether all works: the preset smoke, or 4 trials at a tenth of the "
            "budget; at most 10m unless --timeout says otherwise.",
            rich_help_panel=CHECK,
        ),
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Show what would run; start nothing, write nothing.",
            rich_help_panel=_OUTPUT,
        ),
    ] = False,
    quiet: Annotated[
        bool,
        typer.Option("--quiet", "-q", help="No progress; only the end.", rich_help_panel=_OUTPUT),
    ] = False,
    json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="End with one JSON document on standard output.",
            rich_help_panel=_OUTPUT,
        ),
    ] = False,
    **_settings: Any,
) -> None:
    """Run a sweep, or resume one: the same command again continues up to --trials.

    \b
    lrsweep run --space lr=1e-5:1 --sampler random
    lrsweep run train.py -s lr=1e-5:1 --metric val_loss
    lrsweep run -s lr=1e-5:1 --metric val_loss -- python train.py --lr {lr}
    """
    from lrsweep.plan import build_plan, read_flags
    from lrsweep.search.confirmation import Confirm

    options = read_flags(ctx.params, ctx.obj or (), ("lrsweep", *sys.argv[1:]))
    if from_find:
        from lrsweep.cli.range_testing import run_from_find

        run_from_find(options, dry_run=dry_run, wait=wait, quiet=quiet, as_json=json)
        return
    plan = build_plan(options)
    again = None if confirm is None else Confirm.parse(confirm)
    # Only now, so that bad input is answered before anything large is imported.
    if dry_run:
        from lrsweep.cli.running import dry

        dry(plan, as_json=json)
        return
    from lrsweep.executors.of_plan import make_executor

    # First of all, so that the script's imports go on in the launcher while ours go on here.
    with closing(make_executor(plan)) as executor:
        from lrsweep.cli.running import run_and_render

        run_and_render(plan, executor, wait=wait, quiet=quiet, as_json=json, confirm=again)
