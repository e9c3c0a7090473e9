from __future__ import annotations

import io

import pandas as pd

from lrsweep.report.export import to_csv
from lrsweep.report.frame import read_frame
from lrsweep.report.study_report import read_report
from lrsweep.store.read import StudyReader
from tests.sweep.inline import PlanMaker, run


def test_a_notebook_gets_the_trials_best_first(make_plan: PlanMaker) -> None:
    plan = make_plan(space=("lr=0.001,0.01,1.0",), sampler="grid")
    run(plan)
    frame = read_frame()
    assert list(frame["lr"]) == [0.01, 0.001, 1.0]
    assert list(frame["outcome"]) == ["completed", "completed", "diverged"]
    assert frame["val_loss"].is_monotonic_increasing
    assert frame.attrs["metric"] == "val_loss"


def test_it_holds_what_the_csv_holds(make_plan: PlanMaker) -> None:
    plan = make_plan()
    run(plan)
    with StudyReader(plan.storage) as reader:
        text = to_csv(read_report(reader, None))
    frame = read_frame()
    csv = pd.read_csv(io.StringIO(text))
    assert list(frame.columns) == list(csv.columns)
    assert list(frame["val_loss"]) == list(csv["val_loss"])
