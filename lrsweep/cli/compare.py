"""`lrsweep compare`."""

from __future__ import annotations

from typing import Annotated

import typer

from lrsweep.cli.completion import complete_study
from lrsweep.cli.options import Json, Storage
from lrsweep.storage_url import DEFAULT_STORAGE


def compare(
    studies: Annotated[
        list[str],
        typer.Argument(
            metavar="STUDY...", help="Two studies or more.", autocompletion=complete_study
        ),
    ],
    trial: Annotated[
        list[int] | None,
        typer.Option(
            "--trial", "-t", help="A trial of the only study; repeat it.", show_default=False
        ),
    ] = None,
    json: Json = False,
    storage: Storage = DEFAULT_STORAGE,
) -> None:
    """Compare studies: which is better, by more than noise or not, and what each covered.

    \b
    lrsweep compare digits digits-next
    lrsweep compare digits --trial 3 --trial 8
    """
    # Imported here, so that --help and completion need none of it.
    from lrsweep.cli.console import out_console, write_out
    from lrsweep.errors import InputError
    from lrsweep.report.compare import compare_parts, overlay_parts
    from lrsweep.report.documents import compare_document
    from lrsweep.report.json_text import json_text
    from lrsweep.report.study_report import read_report
    from lrsweep.report.terminal import print_parts
    from lrsweep.report.trial import find_trial
    from lrsweep.store.read import StudyReader

    with StudyReader(storage) as reader:
        if trial:
            if len(studies) != 1:
                raise InputError("--trial compares trials of one study; name only that")
            rows = reader.study(studies[0])
            numbers = [find_trial(rows, number).number for number in dict.fromkeys(trial)]
            curves = [(number, reader.curves(rows.name, number)) for number in numbers]
            print_parts(overlay_parts(rows, curves), out_console())
            return
        names = list(dict.fromkeys(studies))
        if len(names) < 2:
            raise InputError(
                "compare needs two studies, or trials of one",
                hint="lrsweep list names the studies; trials: --trial 3 --trial 8",
            )
        reports = [read_report(reader, name, top=0, curves=False) for name in names]
    if json:
        write_out([json_text("compare", compare_document(reports)).encode()])
    else:
        print_parts(compare_parts(reports), out_console())
