"""`lrsweep predict`."""

from __future__ import annotations

from typing import Annotated

import typer

from lrsweep.cli.completion import complete_study
from lrsweep.cli.options import Storage
from lrsweep.storage_url import DEFAULT_STORAGE


def predict(
    studies: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[STUDY]…",
            help="Studies of one target. Default: the one with the newest activity.",
            autocompletion=complete_study,
            show_default=False,
        ),
    ] = None,
    at: Annotated[
        list[str] | None,
        typer.Option(
            "--at",
            metavar="NAME=VALUE",
            help="A scale of the run to predict for, such as width=2048 or batch_size=1024: a "
            "numeric parameter that the trials have at several levels. Repeatable.",
        ),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document on standard output.")
    ] = False,
    storage: Storage = DEFAULT_STORAGE,
) -> None:
    """Predict the learning rate of a run that is too large to sweep, from a sweep of smaller ones.

    \b
    lrsweep run char-lm -s lr=1e-4:1 -s width=32,64 -s epochs=1,2
    lrsweep predict char-lm --at width=128 --at epochs=4
    """
    # Imported here, so that --help and completion need none of it.
    from lrsweep.cli.predicting import predict_and_render

    predict_and_render(tuple(studies or ()), tuple(at or ()), storage, as_json=json)
