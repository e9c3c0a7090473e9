"""`lrsweep probe`."""

from __future__ import annotations

import copy
import inspect
import sys
from typing import Annotated, Any, get_args

import typer

from lrsweep.cli.borrowed import with_options_of_run

# Options of `run` that bear on a single run of the command. The others are taken too, so that any
# line of `run` can be probed, and stand in the line that probe ends with.
_SHOWN = (
    *("ctx", "target", "space", "fixed", "metric_file", "args_style", "env", "template"),
    *("workdir", "isolate", "device", "start", "preset", "timeout", "json"),
)
_TIMEOUT = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="Stop the command after this long, and judge it by what it showed. Default: 60s.",
        show_default=False,
    ),
]


def _as_probes(parameter: inspect.Parameter) -> inspect.Parameter:
    """An option of `run` as an option of this command."""
    if parameter.name == "timeout":
        return parameter.replace(annotation=_TIMEOUT)
    if parameter.name == "ctx":
        return parameter
    kind, option = get_args(parameter.annotation)
    option = copy.copy(option)
    option.rich_help_panel = None
    option.hidden = parameter.name not in _SHOWN
    return parameter.replace(annotation=Annotated[kind, option])


@with_options_of_run(_as_probes)
def probe(ctx: typer.Context, **_options: Any) -> None:
    """Run a command once: its metrics, its time, and the line that sweeps it.

    It runs as a first trial would, with a trial folder that is then removed; no study is written.

    \b
    lrsweep probe train.py
    lrsweep probe -s lr=1e-5:1 -- python train.py --lr {lr}
    lrsweep probe train.py --metric-file '{dir}/metrics.csv' -- --out {dir}
    """
    from lrsweep.plan import read_flags

    options = read_flags(ctx.params, ctx.obj or (), ("lrsweep", *sys.argv[1:]))
    # Only now, so that bad input is answered before anything large is imported.
    from lrsweep.cli.probing import probe_and_render

    probe_and_render(options, as_json=ctx.params["json"])
