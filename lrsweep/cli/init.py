"""`lrsweep init`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer


def init(
    script: Annotated[
        Path | None,
        typer.Argument(
            help="The training script. Default: the one here that looks like one.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The file to write.", metavar="FILE")
    ] = Path("sweep.toml"),
    force: Annotated[bool, typer.Option("--force", help="Replace the file.")] = False,
) -> None:
    """Write a sweep.toml for a training script, with a space made from the script's parameters.

    The script is read and not run.

    \b
    lrsweep init train.py
    """
    # Imported here, so that --help needs none of it.
    from lrsweep.cli.console import out_console
    from lrsweep.errors import InputError
    from lrsweep.scripts.proposal import find_script, propose

    if os.path.exists(output) and not force:
        raise InputError(f"{output} exists already", hint="replace it with --force")
    path = script or find_script(Path())
    proposal = propose(path, output.parent)
    try:
        output.write_text(proposal.text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{output} cannot be written: {error.strerror}") from error
    console = out_console()
    for line in proposal.remarks:
        console.print(line, soft_wrap=True)
    console.print(f"wrote {output}; read it, then:  lrsweep run {output} --dry-run", soft_wrap=True)
