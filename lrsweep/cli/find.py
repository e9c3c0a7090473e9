"""`lrsweep find`."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from lrsweep.cli.completion import complete_bundled
from lrsweep.cli.setting_options import with_settings


@with_settings(("seed", "jobs", "device", "storage"))
def find(
    ctx: typer.Context,
    target: Annotated[
        str | None,
        typer.Argument(
            help="A bundled study, a Python script or a sweep.toml that trains with PyTorch; "
            "or a command after --. Default: the bundled study digits.",
            autocompletion=complete_bundled,
            show_default=False,
        ),
    ] = None,
    fixed: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            "-s",
            metavar="NAME=VALUE",
            help="A parameter of the training: optimizer=adamw, batch_size=64. Repeatable.",
        ),
    ] = None,
    per: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=A,B",
            help="Compare: a range test for each value. Repeatable.",
        ),
    ] = None,
    steps: Annotated[int, typer.Option(min=20, help="Over how many steps the rate rises.")] = 300,
    span: Annotated[
        str, typer.Option("--range", metavar="LOW:HIGH", help="From which rate to which.")
    ] = "1e-6:100",
    verify: Annotated[
        bool,
        typer.Option("--verify", help="Then train at five rates across the bracket, and compare."),
    ] = False,
    sweep: Annotated[
        bool,
        typer.Option("--sweep", help="Then sweep the bracket, half a decade wider either side."),
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress; only the end.")
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document on standard output.")
    ] = False,
    **_settings: Any,
) -> None:
    """Find the range of learning rates that work: raise the rate at every step, watch the loss.

    It trains a few hundred steps in a process of its own, and keeps the curve in a study of its
    own, NAME-find.

    \b
    lrsweep find digits --per optimizer=sgd,adam -s batch_size=64
    lrsweep find train.py -s optimizer=adamw --verify
    lrsweep run train.py --from-find
    """
    from lrsweep.errors import PlanError
    from lrsweep.plan import read_flags

    if json and sweep:
        raise PlanError(
            "--json and --sweep were both given, and each prints its own end",
            hint="lrsweep find --json, then lrsweep run --from-find --json",
        )
    options = read_flags(ctx.params, ctx.obj or (), ("lrsweep", *sys.argv[1:]))
    # Only now, so that bad input is answered before anything large is imported.
    from lrsweep.cli.range_testing import find_and_render

    ramp = f"{span}:{steps}"
    find_and_render(
        options, tuple(per or ()), ramp, verify=verify, sweep=sweep, quiet=quiet, as_json=json
    )
