"""`lrsweep recover`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lrsweep.cli.options import Storage
from lrsweep.storage_url import DEFAULT_STORAGE


def recover(
    folder: Annotated[
        Path,
        typer.Option("--dir", metavar="FOLDER", help="The folder of the sweep, with its trials."),
    ],
    study: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The study's name. Default: the one that it had.",
            show_default=False,
        ),
    ] = None,
    storage: Storage = DEFAULT_STORAGE,
) -> None:
    """Make a study again from the folders of its trials, where its database is gone."""
    # Imported here, so that --help and completion need none of it.
    from lrsweep.analysis.wording import counted
    from lrsweep.cli.console import out_console
    from lrsweep.errors import NotFound
    from lrsweep.report.sections import print_command
    from lrsweep.shell_lines import shell_line
    from lrsweep.storage_url import shown, storage_option
    from lrsweep.store.rebuild import rebuild_study

    if not folder.is_dir():
        raise NotFound(f"--dir {folder}: there is no such folder")
    made = rebuild_study(folder.absolute(), storage, study)
    counts = f"{counted(made.trials, 'trial')}, {counted(made.reports, 'report')}"
    console = out_console()
    console.print(f"study {made.study} is in {shown(storage)} again: {counts}", soft_wrap=True)
    line = shell_line(["lrsweep", "report", made.study, *storage_option(storage)])
    print_command(console, "See it", line)
