"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

from lrsweep.cli.completion import complete_study, complete_trial
from lrsweep.storage_url import ENV_STORAGE

Storage = Annotated[
    str, typer.Option(help="The study database, as an SQLAlchemy URL.", envvar=ENV_STORAGE)
]
Study = Annotated[
    str | None,
    typer.Option(
        help="The study. Default: the one with the newest activity.",
        autocompletion=complete_study,
        show_default=False,
    ),
]
Trial = Annotated[
    int, typer.Argument(help="The trial's number.", autocompletion=complete_trial, min=0)
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead.")]
