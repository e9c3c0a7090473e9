"""What `lrsweep report` does with a study: writes it in a format, to the screen or a file."""

from __future__ import annotations

import io
import os
from pathlib import Path

from lrsweep.cli.console import out_console, text_console, write_out
from lrsweep.errors import InputError
from lrsweep.report.document import document
from lrsweep.report.export import FORMATS
from lrsweep.report.study_report import read_report
from lrsweep.report.terminal import print_parts
from lrsweep.store.read import StudyReader

_TOP = 10
_WHOLE = ("json", "csv")


def write_report(
    reader: StudyReader,
    study: str | None,
    form: str,
    *,
    sort: str,
    top: int | None,
    curves: bool | None,
    output: Path | None,
) -> None:
    """Write `study` as `form` ("table" or one of `FORMATS`) to standard output, or to `output`.

    `curves` says whether to read the loss curve of every trial listed, however many; None leaves
    that to their number.
    Raises `InputError` where `sort` names no column or `output` cannot be written.
    """
    if top is None and form not in _WHOLE:
        top = _TOP
    found = read_report(reader, study, sort=sort, top=top, curves=curves)
    if form == "table" and output is None:
        print_parts(document(found), out_console())
        return
    if form == "table":
        file = io.StringIO()
        print_parts(document(found), text_console(file))
        text = file.getvalue()
    else:
        text = FORMATS[form](found)
    if output is None:
        write_out([text.encode()])
    else:
        write_file(output, text.encode(), "--output", "report.txt")


def write_page(
    reader: StudyReader,
    study: str | None,
    path: Path,
    *,
    sort: str,
    top: int | None,
    curves: bool | None,
) -> None:
    """Write the page of `study` to `path`, and say where it is.

    Raises `InputError` where `sort` names no column or `path` cannot be written.
    """
    from lrsweep.report.page.writing import to_html
    from lrsweep.store.importance import importance

    found = read_report(reader, study, sort=sort, top=top, curves=curves)
    page = to_html(found, reader, importance(found.rows))
    write_file(path, page.encode(), "--html", "report.html")
    out_console().print(f"wrote {path}", soft_wrap=True)


def write_file(path: Path, content: bytes, option: str, like: str) -> None:
    """Write `content` to `path`, which `option` named; raises `InputError` where it cannot be."""
    if os.path.isdir(path):
        raise InputError(
            f"{option} {path} is a directory", hint=f"name a file: {option} {path / like}"
        )
    try:
        path.write_bytes(content)
    except OSError as error:
        raise InputError(f"{option} {path} cannot be written: {error.strerror}") from error
