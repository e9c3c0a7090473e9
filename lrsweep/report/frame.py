"""A study as a pandas data frame, for notebooks."""

from __future__ import annotations

import pandas as pd

from lrsweep.analysis.diagnosis import NO_DIAGNOSES, Diagnoses
from lrsweep.report.columns import BEST_FIRST, columns, select
from lrsweep.report.diagnoses import read_diagnoses
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
    most `lrsweep.report.diagnoses.MOST_TRIALS` trials.
    Raises `NotFound` where there is no such database or study, and `InputError` where `sort` names
    no column.
    """
    with StudyReader(storage) as reader:
        rows = reader.study(study)
        diagnoses = read_diagnoses(reader, rows, rows.trials, every=curves)
    return to_frame(rows, sort=sort, diagnoses=diagnoses)


def to_frame(
    rows: StudyRows, *, sort: str = BEST_FIRST, diagnoses: Diagnoses = NO_DIAGNOSES
) -> pd.DataFrame:
    """The trials of `rows`, one a row: shape (trials, columns)."""
    trials = select(rows, sort=sort)
    frame = pd.DataFrame({c.name: [c.cell(t) for t in trials] for c in columns(rows, diagnoses)})
    frame.attrs.update(
        study=rows.name, metric=rows.metric, direction=rows.direction.value, space=list(rows.space)
    )
    return frame
