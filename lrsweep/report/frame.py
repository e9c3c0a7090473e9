"""A study as a pandas data frame, for notebooks."""

from __future__ import annotations

import pandas as pd

from lrsweep.report.columns import BEST_FIRST, columns, select
from lrsweep.store.read import StudyReader
from lrsweep.trial import StudyRows


def read_frame(
    study: str | None = None, storage: str = "sqlite:///lrsweep.db", *, sort: str = BEST_FIRST
) -> pd.DataFrame:
    """The trials of `study` (None: the newest), one a row, best first: shape (trials, columns).

    The columns are those of `lrsweep report --format csv`; the plan stands in `frame.attrs`.
    Raises `NotFound` where there is no such database or study, and `InputError` where `sort` names
    no column.
    """
    with StudyReader(storage) as reader:
        return to_frame(reader.study(study), sort=sort)


def to_frame(rows: StudyRows, *, sort: str = BEST_FIRST) -> pd.DataFrame:
    """The trials of `rows`, one a row: shape (trials, columns)."""
    trials = select(rows, sort=sort)
    frame = pd.DataFrame({c.name: [c.cell(t) for t in trials] for c in columns(rows)})
    frame.attrs.update(
        study=rows.name, metric=rows.metric, direction=rows.direction.value, space=list(rows.space)
    )
    return frame
