"""What `lrsweep report` does with a study: writes it in a format, to the screen or a file."""

from __future__ import annotations

import io
from pathlib import Path

from lrsweep.cli.console import out_console, text_console, write_out
from lrsweep.errors import InputError
from lrsweep.report.export import FORMATS
from lrsweep.report.terminal import render_study
from lrsweep.trial import StudyRows

_TOP = 10
_WHOLE = ("json", "csv")


def write_report(
    rows: StudyRows, form: str, *, sort: str, top: int | None, output: Path | None
) -> None:
    """Write `rows` as `form` ("table" or one of `FORMATS`) to standard output, or to `output`.

    Raises `InputError` where `sort` names no column or `output` cannot be written.
    """
    if top is None and form not in _WHOLE:
        top = _TOP
    if form == "table" and output is None:
        render_study(rows, top=top or _TOP, sort=sort, console=out_console())
        return
    if form == "table":
        file = io.StringIO()
        render_study(rows, top=top or _TOP, sort=sort, console=text_console(file))
        text = file.getvalue()
    else:
        text = FORMATS[form](rows, sort=sort, top=top)
    if output is None:
        write_out([text.encode()])
    else:
        _write_file(output, text)


def _write_file(path: Path, text: str) -> None:
    if path.is_dir():
        raise InputError(
            f"--output {path} is a directory", hint=f"name a file: --output {path / 'report.txt'}"
        )
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"--output {path} cannot be written: {error.strerror}") from error
