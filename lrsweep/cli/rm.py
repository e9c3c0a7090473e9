"""`lrsweep rm`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from lrsweep.cli.completion import complete_study
from lrsweep.cli.options import Storage
from lrsweep.storage_url import DEFAULT_STORAGE


def rm(
    study: Annotated[
        str, typer.Argument(help="The study.", autocompletion=complete_study, show_default=False)
    ],
    trials: Annotated[
        list[int] | None,
        typer.Argument(
            metavar="[TRIAL]...",
            help="Only these trials, by number. Default: the whole study.",
            show_default=False,
            min=0,
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    storage: Storage = DEFAULT_STORAGE,
) -> None:
    """Remove a study, or trials of it, with their folders."""
    # Imported here, so that --help and completion need none of it.
    from lrsweep.analysis.wording import counted
    from lrsweep.cli.console import out_console
    from lrsweep.errors import InputError
    from lrsweep.store.removal import plan_removal, remove

    numbers = tuple(dict.fromkeys(trials or ()))
    doomed = plan_removal(storage, study, numbers)
    count = counted(len(doomed.trials), "trial")
    what = f"{count} of study {study}" if numbers else f"study {study} with its {count}"
    where = f" and {counted(len(doomed.folders), 'folder')}" if doomed.folders else ""
    if not yes:
        if not sys.stdin.isatty():
            raise InputError(f"remove {what}{where}? Nobody is there to ask", hint="add --yes")
        typer.confirm(f"Remove {what}{where}?", abort=True)
    remove(storage, doomed, whole=not numbers)
    out_console().print(f"removed {what}{where}")
