"""`lrsweep dashboard`."""

from __future__ import annotations

from typing import Annotated

import typer

from lrsweep.cli.options import Storage
from lrsweep.storage_url import DEFAULT_STORAGE


def dashboard(
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to serve on.")] = 8080,
    storage: Storage = DEFAULT_STORAGE,
) -> None:
    """Open the studies of a database in optuna-dashboard, until Ctrl-C."""
    # Imported here, so that --help and completion need none of it.
    import importlib.util
    import os
    import sys

    from lrsweep.errors import InputError
    from lrsweep.store.read import StudyReader

    with StudyReader(storage) as reader:
        reader.names()  # so that a database that is not there is told as by every command
    if importlib.util.find_spec("optuna_dashboard") is None:
        raise InputError(
            "optuna-dashboard is not installed", hint="pip install 'lrsweep[dashboard]'"
        )
    module = "from optuna_dashboard._cli import main; main()"
    os.execv(sys.executable, [sys.executable, "-c", module, storage, "--port", str(port)])
