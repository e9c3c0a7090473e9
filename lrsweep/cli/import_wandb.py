"""`lrsweep import-wandb`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def import_wandb(
    configuration: Annotated[
        Path, typer.Argument(help="A W&B sweep configuration.", show_default=False)
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Where to write the sweep.toml.")
    ] = Path("sweep.toml"),
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write a sweep.toml from a W&B sweep configuration.

    \b
    lrsweep import-wandb sweep.yaml
    lrsweep run sweep.toml
    """
    import os

    from lrsweep.cli.console import err_console
    from lrsweep.errors import InputError
    from lrsweep.plan.wandb_sweep import import_wandb as imported
    from lrsweep.shell_lines import shell_line

    if os.path.lexists(output) and not force:
        raise InputError(f"{output} is there already", hint="replace it with --force, or -o FILE")
    made = imported(configuration)
    try:
        output.write_text(made.text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot write {output}: {error.strerror}") from error
    console = err_console()
    for note in made.notes:
        console.print(f"note  {note}", markup=False, highlight=False)
    print(shell_line(["lrsweep", "run", str(output)]))
