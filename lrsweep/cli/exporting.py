"""What `lrsweep export` writes, by the ending of the file."""

from __future__ import annotations

from pathlib import Path

from lrsweep.cli.console import busy, out_console
from lrsweep.cli.reporting import write_file
from lrsweep.errors import InputError
from lrsweep.report.drawing import draw
from lrsweep.report.study_report import read_report
from lrsweep.report.tables import WRITERS, curves_table, trials_table
from lrsweep.store.read import StudyReader

_PICTURES = (".png", ".svg")


def write_export(path: Path, study: str | None, storage: str, *, curves: bool) -> None:
    """Write `study` to `path`, and say what was written.

    Raises `InputError` where the ending is none that is known, or the file cannot be written.
    """
    form = path.suffix.lower()
    known = (*WRITERS, *_PICTURES)
    if form not in known:
        raise InputError(
            f"export {path}: the ending says the form, one of {', '.join(known)}",
            hint=f"try {path.stem or 'trials'}.csv",
        )
    if curves and form in _PICTURES:
        raise InputError(
            "--curves writes numbers: name a .csv, .jsonl or .parquet file",
            hint=f"try {path.stem}.csv; the page draws curves: lrsweep report --html FILE",
        )
    with busy("reading the study"), StudyReader(storage) as reader:
        if form in _PICTURES:
            charts = read_report(reader, study, top=0).charts
            written, what = draw(charts, form[1:]), f"{len(charts)} charts"
        else:
            rows = reader.study(study)
            frame = curves_table(rows, reader) if curves else trials_table(rows)
            written, what = WRITERS[form](frame), f"{len(frame)} rows"
    write_file(path, written, "export", "trials.csv")
    out_console().print(f"wrote {path}: {what}", soft_wrap=True)
