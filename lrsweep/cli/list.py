"""`lrsweep list`."""

from __future__ import annotations

from lrsweep.cli.options import Json, Storage
from lrsweep.storage_url import DEFAULT_STORAGE


def list_studies(json: Json = False, storage: Storage = DEFAULT_STORAGE) -> None:
    """List the studies of a database, the one with the newest activity first."""
    # Imported here, so that --help and completion need none of it.
    from lrsweep.cli.console import err_console, out_console, write_out
    from lrsweep.report.documents import list_document
    from lrsweep.report.json_text import json_text
    from lrsweep.report.study_list import study_table
    from lrsweep.report.terminal import print_parts
    from lrsweep.store.read import StudyReader

    with StudyReader(storage) as reader:
        studies = reader.studies()
    if json:
        write_out([json_text("list", list_document(studies)).encode()])
        return
    if not studies:
        err_console().print("there is no study yet; run a sweep: lrsweep run")
        return
    print_parts([study_table(studies)], out_console())
