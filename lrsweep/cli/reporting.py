"""What `lrsweep report` does with a study: writes it in a format, to the screen or a file."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from lrsweep.cli.console import busy, out_console, text_console, write_out
from lrsweep.cli.watching import LEAST_S, watch_terminal
from lrsweep.cli.watching import watch as watching
from lrsweep.errors import InputError
from lrsweep.report.document import document
from lrsweep.report.export import FORMATS
from lrsweep.report.study_report import StudyReport, read_report
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
    with busy("reading the study"):
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
    watch: bool = False,
) -> None:
    """Write the page of `study` to `path`, and say where it is; `watch` it until Ctrl-C.

    Raises `InputError` where `sort` names no column or `path` cannot be written.
    """
    from lrsweep.report.page.writing import to_html
    from lrsweep.store.importance import importance

    def read() -> StudyReport:
        return read_report(reader, study, sort=sort, top=top, curves=curves)

    def write(found: StudyReport, every_s: int = round(LEAST_S)) -> None:
        page = to_html(found, reader, importance(found.rows), watch=every_s)
        write_file(path, page.encode(), "--html", "report.html")

    with busy("writing the page"):
        write(read(), round(LEAST_S) if watch else 0)
    out_console().print(f"wrote {path}", soft_wrap=True)
    if watch:
        _until_interrupt(lambda: watching(read, write))
        write(read(), 0)  # the last one loads itself no more


def watch_report(
    reader: StudyReader, study: str | None, *, sort: str, top: int | None, curves: bool | None
) -> NoReturn:
    """Show the report again as trials end, until Ctrl-C."""
    name = reader.study(study, metrics=False).name  # that which is the newest now

    def read() -> StudyReport:
        return read_report(reader, name, sort=sort, top=top or _TOP, curves=curves)

    _until_interrupt(lambda: watch_terminal(read, out_console()))
    raise SystemExit(0)


def _until_interrupt(watched: Callable[[], None]) -> None:
    with suppress(KeyboardInterrupt):
        watched()


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
