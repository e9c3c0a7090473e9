"""`lrsweep show`."""

from __future__ import annotations

from lrsweep.cli.options import Storage, Study, Trial
from lrsweep.storage_url import DEFAULT_STORAGE


def show(trial: Trial, study: Study = None, storage: Storage = DEFAULT_STORAGE) -> None:
    """Show one trial: parameters, outcome, curve, metrics, log tail and command."""
    # Imported here, so that --help and completion need none of it.
    from lrsweep.cli.console import out_console
    from lrsweep.report.terminal import print_parts
    from lrsweep.report.trial import find_trial, trial_parts
    from lrsweep.store.read import StudyReader

    with StudyReader(storage) as reader:
        rows = reader.study(study)
        find_trial(rows, trial)
        curves = reader.curves(rows.name, trial)
    print_parts(trial_parts(rows, trial, curves), out_console())
