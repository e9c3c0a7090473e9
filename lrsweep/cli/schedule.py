"""`lrsweep schedule`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Format(StrEnum):
    """How a schedule is written."""

    PLOT = "plot"
    CSV = "csv"
    JSON = "json"


def schedule(
    name: Annotated[
        str,
        typer.Argument(
            metavar="SCHEDULE",
            help="constant, step, exponential, linear, polynomial, cosine, restarts, onecycle, "
            "triangular, triangular2, wsd or plateau; settings follow as in wsd:decay=0.2.",
            show_default=False,
        ),
    ],
    lr: Annotated[
        float, typer.Option(metavar="RATE", help="The learning rate that it multiplies.")
    ] = 1.0,
    warmup: Annotated[
        str,
        typer.Option(
            metavar="LENGTH",
            help="A line from 0 in front: a share of the training (5%, 0.05) or steps (100).",
        ),
    ] = "0",
    steps: Annotated[
        int, typer.Option(min=1, help="How many optimizer steps the whole training takes.")
    ] = 1000,
    form: Annotated[
        Format,
        typer.Option(
            "--format", "-f", help="A plot, or step and rate of every step, counted from 0."
        ),
    ] = Format.PLOT,
) -> None:
    """Draw a learning-rate schedule, as training scripts of lrsweep.train follow it.

    \b
    lrsweep schedule cosine --lr 3e-4 --warmup 5% --steps 1000
    lrsweep schedule wsd:decay=0.1 --format csv
    """
    # Imported here, so that --help and completion need none of it.
    from lrsweep.analysis.schedules import Schedule, Warmup
    from lrsweep.cli.console import out_console, write_out
    from lrsweep.errors import InputError
    from lrsweep.report.plot import Plot
    from lrsweep.report.schedule import FORMATS, rates, schedule_plot

    if not 0 < lr < float("inf"):
        raise InputError(f"--lr {lr:g} is not above 0 and finite", hint="try --lr 3e-4")
    shape, before = Schedule.parse(name), Warmup.parse(warmup)
    found = rates(shape, lr, before, steps)
    if form is Format.PLOT:
        out_console().print(Plot(schedule_plot(shape, before, found)))
    else:
        write_out([FORMATS[form](found).encode()])
