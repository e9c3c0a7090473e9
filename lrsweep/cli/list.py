"""`lrsweep list`."""

from __future__ import annotations

from lrsweep.cli.options import Storage
from lrsweep.storage_url import DEFAULT_STORAGE


def list_studies(storage: Storage = DEFAULT_STORAGE) -> None:
    """List the studies of a database, the one with the newest activity first."""
    # Imported here, so that --help and completion need none of it.
    from lrsweep.cli.console import out_console
    from lrsweep.report.study_list import study_table
    from lrsweep.report.terminal import print_parts
    from lrsweep.store.read import StudyReader

    with StudyReader(storage) as reader:
        studies = reader.studies()
    print_parts([study_table(studies)], out_console())
