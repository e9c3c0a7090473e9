"""A study as a pandas data frame, for notebooks."""

from __future__ import annotations

import pandas as pd

from lrsweep.analysis.looks import NO_LOOKS, Looks
from lrsweep.report.columns import BEST_FIRST, columns, select
from lrsweep.report.looks import read_looks
from lrsweep.store.read import StudyReader
from lrsweep.trial import StudyRows


def read_frame(
    study: str | None = None,
    storage: str = "sqlite:///lrsweep.db",
    *,
    sort: str = BEST_FIRST,
    curves: bool | None = None,
) -> pd.DataFrame:
    """The trials of `study` (None: the newest), one a row, best first: shape (trials, columns).

    The columns are those of `lrsweep report --format csv`; the plan stands in `frame.attrs`.
    `curves` says whether to read every loss curve for the column `curve`; None: of a study of at
    most `lrsweep.report.looks.MOST_TRIALS` trials.
    Raises `NotFound` where there is no such database or study, and `InputError` where `sort` names
    no column.
    """
    with StudyReader(storage) as reader:
        rows = reader.study(study)
        looks = read_looks(reader, rows, rows.trials, every=curves)
    return to_frame(rows, sort=sort, looks=looks)


def to_frame(rows: StudyRows, *, sort: str = BEST_FIRST, looks: Looks = NO_LOOKS) -> pd.DataFrame:
    """The trials of `rows`, one a row: shape (trials, columns)."""
    trials = select(rows, sort=sort)
    frame = pd.DataFrame({c.name: [c.cell(t) for t in trials] for c in columns(rows, looks)})
    frame.attrs.update(
        study=rows.name, metric=rows.metric, direction=rows.direction.value, space=list(rows.space)
    )
    return frame
