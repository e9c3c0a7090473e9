"""A study's trials, or all its curves, as a file for other programs: CSV, JSON lines, Parquet."""

from __future__ import annotations

import importlib.util
import io
import json
from collections.abc import Callable, Iterator, Mapping

import pandas as pd

from lrsweep.errors import InputError
from lrsweep.report.export import csv_text
from lrsweep.report.frame import to_frame
from lrsweep.report.json_text import json_number
from lrsweep.store.read import StudyReader
from lrsweep.trial import StudyRows

CURVE_COLUMNS = ("trial", "metric", "step", "value")


def trials_table(rows: StudyRows) -> pd.DataFrame:
    """A row for each trial, in order of number; the columns of `report --format csv`."""
    return to_frame(rows, sort="trial")


def curves_table(rows: StudyRows, reader: StudyReader) -> pd.DataFrame:
    """A row for each reported value: trial, metric, step, value, and the examples seen.

    In order of trial, metric and arrival.
    """
    metrics = {name for held in rows.metrics.values() for name in held} | {rows.metric}
    return pd.DataFrame(_points(rows, reader, metrics), columns=[*CURVE_COLUMNS, "examples"])


def _points(
    rows: StudyRows, reader: StudyReader, metrics: set[str]
) -> Iterator[tuple[int, str, int, float, float | None]]:
    for number, curves in reader.curves_by_trial(rows.name, (*sorted(metrics), "examples")):
        seen = curves.get("examples")
        at = dict(zip(seen.steps, seen.values, strict=True)) if seen else {}
        for name in sorted(curves):
            if name in metrics:
                curve = curves[name]
                for step, value in zip(curve.steps, curve.values, strict=True):
                    yield number, name, step, value, at.get(step)


def to_csv(frame: pd.DataFrame) -> bytes:
    """With a heading; text that a spreadsheet takes for a formula begins with an apostrophe."""
    return csv_text(list(frame.columns), frame.itertuples(index=False, name=None)).encode()


def to_json_lines(frame: pd.DataFrame) -> bytes:
    """An object a line; numbers that are not finite are null."""
    names = [str(name) for name in frame.columns]
    lines = (
        json.dumps(
            {name: _plain(value) for name, value in zip(names, row, strict=True)},
            allow_nan=False,
        )
        for row in frame.itertuples(index=False, name=None)
    )
    return "".join(f"{line}\n" for line in lines).encode()


def to_parquet(frame: pd.DataFrame) -> bytes:
    """A Parquet file; raises `InputError` where no library for it is installed."""
    if importlib.util.find_spec("pyarrow") is None:
        raise InputError("Parquet needs pyarrow", hint="pip install 'lrsweep[parquet]'")
    # A column that mixes kinds of values has no type there.
    mixed = [c for c in frame.columns if frame[c].dropna().map(type).nunique() > 1]
    file = io.BytesIO()
    frame.assign(**{str(c): frame[c].map(_text) for c in mixed}).to_parquet(file, index=False)
    return file.getvalue()


WRITERS: Mapping[str, Callable[[pd.DataFrame], bytes]] = {
    ".csv": to_csv,
    ".jsonl": to_json_lines,
    ".parquet": to_parquet,
}


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _plain(value: object) -> object:
    if value is None or value is pd.NaT or isinstance(value, bool | int | str):
        return None if value is pd.NaT else value
    if isinstance(value, float):
        return json_number(value)
    return value.isoformat() if isinstance(value, pd.Timestamp) else str(value)
