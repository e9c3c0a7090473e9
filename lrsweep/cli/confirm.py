"""`lrsweep confirm`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from lrsweep.cli.completion import complete_study
from lrsweep.cli.options import Storage
from lrsweep.cli.setting_options import with_settings
from lrsweep.storage_url import DEFAULT_STORAGE

_MACHINE = ("jobs", "device", "gpus", "threads", "timeout", "trial_timeout")


@with_settings(_MACHINE)
def confirm(
    ctx: typer.Context,
    study: Annotated[
        str | None,
        typer.Argument(
            help="The study. Default: the one with the newest activity.",
            autocompletion=complete_study,
            show_default=False,
        ),
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="How many of the best settings.")] = 3,
    seeds: Annotated[int, typer.Option(min=2, help="With how many new seeds each.")] = 5,
    wait: Annotated[
        bool, typer.Option("--wait", help="Where another lrsweep runs this study: wait for it.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress; only the end.")
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="End with one JSON document on standard output.")
    ] = False,
    storage: Storage = DEFAULT_STORAGE,
    **machine: Any,
) -> None:
    """Run the best settings of a study again, with new seeds that all of them share.

    The report then says which of them may be the best, by more than luck. Trials that were
    confirmed before are not run again.

    \b
    lrsweep confirm
    lrsweep confirm digits --top 3 --seeds 5
    """
    from lrsweep.cli.confirming import confirm_and_render
    from lrsweep.search.confirmation import Confirm

    said = {name: value for name, value in machine.items() if value is not None}
    confirm_and_render(
        study, storage, Confirm(top, seeds), said, wait=wait, quiet=quiet, as_json=json
    )
