"""`lrsweep config`."""

from __future__ import annotations

import sys
from typing import Any

import typer

from lrsweep.cli.borrowed import with_options_of_run

# Said of one run, and no part of its plan.
OF_THE_RUN = ("from_find", "confirm", "wait", "dry_run", "quiet", "json")


@with_options_of_run(lambda option: None if option.name in OF_THE_RUN else option)
def config(ctx: typer.Context, **_options: Any) -> None:
    """Print the plan that the same options of run would make, as a sweep.toml that makes it again.

    \b
    lrsweep config train.py -s lr=1e-5:1 --metric val_loss > sweep.toml
    lrsweep config sweep.toml --preset smoke
    """
    from lrsweep.cli.console import write_out
    from lrsweep.errors import PlanError
    from lrsweep.plan import build_plan, read_flags, to_toml

    plan = build_plan(read_flags(ctx.params, ctx.obj or (), ("lrsweep", *sys.argv[1:])))
    try:
        text = to_toml(plan).encode()
    except UnicodeEncodeError:
        raise PlanError("the command holds bytes that are not UTF-8, and TOML holds none") from None
    write_out([text])
