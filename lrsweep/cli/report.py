"""`lrsweep report`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lrsweep.cli.completion import complete_study
from lrsweep.cli.options import Storage
from lrsweep.storage_url import DEFAULT_STORAGE


class Format(StrEnum):
    """How a report is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


def report(
    study: Annotated[
        str | None,
        typer.Argument(
            help="The study. Default: the one with the newest activity.",
            autocompletion=complete_study,
            show_default=False,
        ),
    ] = None,
    form: Annotated[
        Format,
        typer.Option(
            "--format", "-f", help="How to write it. In JSON, numbers that are not finite are null."
        ),
    ] = Format.TABLE,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write to this file instead.", show_default=False),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html",
            metavar="FILE",
            help="Write one page that opens offline: charts, curves, and every trial.",
            show_default=False,
        ),
    ] = None,
    top: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="How many trials. Default: 10; all of them in JSON and CSV.",
            show_default=False,
        ),
    ] = None,
    sort: Annotated[
        str,
        typer.Option(
            metavar="COLUMN[:desc]",
            help="best, or a column: the metric, a parameter, trial, outcome, wall_s, …",
        ),
    ] = "best",
    curves: Annotated[
        bool | None,
        typer.Option(
            "--curves/--no-curves",
            help="Read the loss curve of every trial listed, and say what it looks like. "
            "Default: of up to 1000; of more, that of the best alone.",
            show_default=False,
        ),
    ] = None,
    watch: Annotated[
        bool,
        typer.Option(
            "--watch", help="Beside a running sweep: again as trials end, until Ctrl-C. Read only."
        ),
    ] = False,
    storage: Storage = DEFAULT_STORAGE,
) -> None:
    """Say what a study found: best trials, the learning-rate plot, and how sure it is.

    \b
    lrsweep report
    lrsweep report digits --format csv --output digits.csv
    lrsweep report --sort lr --top 20
    lrsweep report --html digits.html
    lrsweep report --watch
    """
    # Imported here, so that --help and completion need none of it.
    from lrsweep.cli.reporting import watch_report, write_page, write_report
    from lrsweep.store.read import StudyReader

    with StudyReader(storage) as reader:
        if html is not None:
            write_page(reader, study, html, sort=sort, top=top, curves=curves, watch=watch)
            return
        if watch:
            watch_report(reader, study, sort=sort, top=top, curves=curves)
        write_report(reader, study, form.value, sort=sort, top=top, curves=curves, output=output)
