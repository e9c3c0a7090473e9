"""`lrsweep best`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from lrsweep.cli.completion import complete_study
from lrsweep.cli.options import Storage
from lrsweep.storage_url import DEFAULT_STORAGE


class Format(StrEnum):
    """How parameters are written."""

    ARGS = "args"
    JSON = "json"
    ENV = "env"
    TOML = "toml"
    YAML = "yaml"


def best(
    study: Annotated[
        str | None,
        typer.Argument(
            help="The study. Default: the one with the newest activity.",
            autocompletion=complete_study,
            show_default=False,
        ),
    ] = None,
    form: Annotated[
        Format, typer.Option("--format", "-f", help="How to write the parameters.")
    ] = Format.ARGS,
    storage: Storage = DEFAULT_STORAGE,
) -> None:
    """Print the parameters that a study recommends, for scripts; exit with 2 where there are none.

    \b
    python train.py $(lrsweep best)
    lrsweep best digits --format toml > best.toml
    eval "$(lrsweep best --format env)"; echo $LRSWEEP_LR
    """
    # Imported here, so that --help and completion need none of it.
    from lrsweep.cli.console import write_out
    from lrsweep.report.best import FORMATS, recommended
    from lrsweep.report.study_report import read_report
    from lrsweep.store.read import StudyReader

    with StudyReader(storage) as reader:
        params = recommended(read_report(reader, study, top=1, curves=False))
    write_out([FORMATS[form.value](params).encode()])
