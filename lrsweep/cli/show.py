"""`lrsweep show`."""

from __future__ import annotations

from lrsweep.cli.options import Json, Storage, Study, Trial
from lrsweep.storage_url import DEFAULT_STORAGE


def show(
    trial: Trial, json: Json = False, study: Study = None, storage: Storage = DEFAULT_STORAGE
) -> None:
    """Show one trial: parameters, outcome, curve, metrics, log tail and command."""
    # Imported here, so that --help and completion need none of it.
    from lrsweep.cli.console import out_console, write_out
    from lrsweep.report.documents import show_document
    from lrsweep.report.json_text import json_text
    from lrsweep.report.study_report import read_report
    from lrsweep.report.terminal import print_parts
    from lrsweep.report.trial import find_trial, trial_parts
    from lrsweep.store.read import StudyReader

    with StudyReader(storage) as reader:
        rows = reader.study(study)
        find_trial(rows, trial)
        curves = reader.curves(rows.name, trial)
        if json:
            report = read_report(reader, rows.name)
            write_out([json_text("show", show_document(report, trial, curves)).encode()])
            return
        verdict = reader.verdict(rows.name, trial)
    print_parts(trial_parts(rows, trial, curves, verdict), out_console())
