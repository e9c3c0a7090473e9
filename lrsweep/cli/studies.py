"""`lrsweep studies`."""

from __future__ import annotations

from typing import Annotated

import typer

from lrsweep.cli.completion import complete_bundled
from lrsweep.cli.options import Json


def studies(
    name: Annotated[
        str | None,
        typer.Argument(help="Show this one.", autocompletion=complete_bundled, show_default=False),
    ] = None,
    json: Json = False,
) -> None:
    """List the studies that come with lrsweep, ready to run."""
    # Imported here, so that --help and completion need none of it.
    from lrsweep.cli.console import out_console, write_out
    from lrsweep.plan import bundled_studies
    from lrsweep.report.documents import bundled_document
    from lrsweep.report.json_text import json_text
    from lrsweep.report.study_list import bundled_parts, bundled_table, find_study
    from lrsweep.report.terminal import print_parts

    if json:
        found = bundled_studies() if name is None else [find_study(bundled_studies(), name)]
        write_out([json_text("studies", bundled_document(found)).encode()])
    elif name is None:
        print_parts([bundled_table(bundled_studies())], out_console())
    else:
        print_parts(bundled_parts(find_study(bundled_studies(), name)), out_console())
