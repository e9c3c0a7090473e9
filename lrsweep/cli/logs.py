"""`lrsweep logs`."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from lrsweep.cli.options import Storage, Study, Trial
from lrsweep.storage_url import DEFAULT_STORAGE

_WAIT_S = 0.5


def logs(
    trial: Trial,
    stderr: Annotated[
        bool, typer.Option("--stderr", help="What it wrote to standard error.")
    ] = False,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Until the trial ends.")] = False,
    tail: Annotated[
        int | None,
        typer.Option(min=1, help="Only the last so many lines.", show_default=False),
    ] = None,
    raw: Annotated[
        bool,
        typer.Option("--raw", help="The bytes as they are, with colours and control characters."),
    ] = False,
    study: Study = None,
    storage: Storage = DEFAULT_STORAGE,
) -> None:
    """Print what a trial wrote to standard output (or, with --stderr, standard error).

    Control characters are left out, and lines of more than 10 000 bytes are cut; --raw does
    neither.
    """
    # Imported here, so that --help and completion need none of it.
    from lrsweep.cli.console import err_console, write_out
    from lrsweep.report.log_file import follow_log, log_path, read_log, shown
    from lrsweep.report.trial import find_trial
    from lrsweep.store.read import StudyReader

    with StudyReader(storage) as reader:
        rows = reader.study(study, metrics=False)
        path = log_path(find_trial(rows, trial), stderr=stderr)
        if not follow:
            blocks = read_log(path, tail=tail)
            write_out(blocks if raw else shown(blocks))
            if not path.stat().st_size:
                err_console().print(f"trial {trial} wrote nothing to {path.name}")
            return

        def ended() -> bool:
            return find_trial(reader.study(rows.name, metrics=False), trial).outcome is not None

        try:
            blocks = follow_log(path, tail=tail, ended=ended, wait=_pause)
            write_out(blocks if raw else shown(blocks, follow=True))
        except KeyboardInterrupt:
            raise typer.Exit(130) from None


def _pause() -> None:
    time.sleep(_WAIT_S)
