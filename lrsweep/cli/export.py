"""`lrsweep export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lrsweep.cli.options import Storage, Study
from lrsweep.storage_url import DEFAULT_STORAGE


def export(
    file: Annotated[
        Path,
        typer.Argument(help="Its ending says the form: .csv, .jsonl, .parquet, .png or .svg."),
    ],
    curves: Annotated[
        bool,
        typer.Option("--curves", help="Every value of every metric, instead of a row a trial."),
    ] = False,
    study: Study = None,
    storage: Storage = DEFAULT_STORAGE,
) -> None:
    """Write a study's trials, its curves or its charts to a file, for other programs.

    \b
    lrsweep export trials.csv
    lrsweep export curves.parquet --curves
    lrsweep export landscape.svg --study digits
    """
    # Imported here, so that --help and completion need none of it.
    from lrsweep.cli.exporting import write_export

    write_export(file, study, storage, curves=curves)
