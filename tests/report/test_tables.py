"""Files for other programs: every trial and every point, whatever the form."""

from __future__ import annotations

import io
import json
import math

import pandas as pd
import pytest

from lrsweep.report.drawing import draw
from lrsweep.report.study_report import make_report
from lrsweep.report.tables import curves_table, to_csv, to_json_lines, to_parquet, trials_table
from lrsweep.store.read import StudyReader
from lrsweep.trial import Outcome
from tests.report.builder import mixed_study, row, study
from tests.sweep.inline import PlanMaker, run

FORMULA = study(
    [
        row(0, 0.25, params={"lr": 0.1, "text": "=1+1"}),
        row(1, math.inf, params={"lr": -1.0, "text": "+cmd|' /C calc'!A0"}),
        row(2, None, Outcome.CRASHED, params={"lr": 0.5, "text": "-5"}, reason="@x\x1b[31m"),
    ]
)


def test_cells_that_a_spreadsheet_takes_for_formulas_are_made_harmless() -> None:
    frame = pd.read_csv(io.BytesIO(to_csv(trials_table(FORMULA))))
    assert frame["text"].to_list() == ["'=1+1", "'+cmd|' /C calc'!A0", "-5"]
    assert frame["reason"].to_list()[2] == "'@x"
    assert frame["lr"].to_list() == [0.1, -1.0, 0.5]


def test_json_lines_are_strict() -> None:
    lines = [json.loads(line) for line in to_json_lines(trials_table(FORMULA)).splitlines()]
    assert [line["trial"] for line in lines] == [0, 1, 2]
    assert lines[1]["val_loss"] is None
    assert lines[2]["reason"] == "@x\x1b[31m"


def test_every_point_of_every_metric_is_there(make_plan: PlanMaker) -> None:
    plan = make_plan(space=("lr=0.001,0.01",), sampler="grid")
    run(plan)
    with StudyReader(plan.storage) as reader:
        rows = reader.study()
        frame = curves_table(rows, reader)
        for trial in rows.trials:
            for curve in reader.curves(rows.name, trial.number):
                held = frame[(frame.trial == trial.number) & (frame.metric == curve.metric)]
                assert tuple(held.step) == curve.steps
                assert tuple(held.value) == curve.values


def test_parquet_holds_columns_of_mixed_values() -> None:
    pytest.importorskip("pyarrow")
    rows = study([row(i, 0.1, params={"lr": 0.1, "x": x}) for i, x in enumerate([1, "a", None])])
    frame = pd.read_parquet(io.BytesIO(to_parquet(trials_table(rows))))
    assert frame["x"].to_list()[:2] == ["1", "a"]
    assert frame["x"].isna().to_list() == [False, False, True]


@pytest.mark.parametrize(("form", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_charts_are_drawn(form: str, begins: bytes) -> None:
    pytest.importorskip("matplotlib")
    charts = make_report(mixed_study(60)).charts
    assert draw(charts, form).startswith(begins)
