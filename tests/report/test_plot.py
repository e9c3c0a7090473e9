"""Plots as text: where marks and ticks stand, and what a terminal without Unicode sees."""

from __future__ import annotations

import io
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from lrsweep.analysis.diagnosis import Diagnosis
from lrsweep.analysis.labels import Label
from lrsweep.report.axes import landscape
from lrsweep.report.chart import Chart, Series, Shape
from lrsweep.report.plot import Plot
from lrsweep.report.rate_chart import rate_charts
from lrsweep.report.scale import Scale, spelled
from lrsweep.trial import Direction, StudyRows
from tests.report.builder import bowl, grid_study, mixed_study, row, study

DOT = Shape("●", "o")
DECADES = ("1e-05", "0.0001", "0.001", "0.01", "0.1", "1")


def drawn(chart: Chart | None, width: int = 80, encoding: str = "utf-8") -> list[str]:
    assert chart is not None
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding)
    Console(file=file, width=width, color_system=None).print(Plot(chart))
    file.flush()
    return raw.getvalue().decode(encoding).splitlines()


def of_study(rows: StudyRows) -> Chart | None:
    return next(rate_charts(landscape(rows)), None)


def mark_lines(lines: list[str], glyph: str) -> list[int]:
    """Lines of the drawing, the legend aside, that hold `glyph`."""
    return [i for i, line in enumerate(lines) if glyph in line and ("│" in line or "┤" in line)]


# -- scales -------------------------------------------------------------------------------------


def test_ticks_of_a_log_scale_are_decades() -> None:
    ticks = Scale(1e-5, 1.0, log=True).ticks(7)
    assert tuple(spelled(ticks)) == DECADES


def test_ticks_of_a_short_log_scale_are_1_2_5() -> None:
    assert Scale(0.08, 2.3, log=True).ticks(7) == pytest.approx((0.1, 0.2, 0.5, 1, 2))


def test_even_ticks_have_the_same_number_of_decimals() -> None:
    assert spelled(Scale(1.79, 2.4).ticks(6)) == ["1.8", "2.0", "2.2", "2.4"]


@given(
    low=st.floats(-1e6, 1e6),
    width=st.floats(1e-6, 1e6),
    most=st.integers(1, 12),
    log=st.booleans(),
)
def test_ticks_lie_inside_and_rise(low: float, width: float, most: int, log: bool) -> None:
    scale = Scale(abs(low) + 1e-6, abs(low) + width + 1e-6, log) if log else Scale(low, low + width)
    ticks = scale.ticks(most)
    slack = 1e-6 * max(abs(scale.low), abs(scale.high))
    assert all(scale.low - slack <= tick <= scale.high + slack for tick in ticks)
    assert list(ticks) == sorted(set(ticks))
    assert len(ticks) <= most + 1


@given(st.floats(1e-9, 1e9), st.booleans())
def test_one_value_gets_a_scale_with_room(value: float, log: bool) -> None:
    scale = Scale.around([value], log)
    assert scale.low < value < scale.high
    assert 0 < scale.at(value) < 1


# -- drawing ------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [40, 80, 140, 300])
def test_a_plot_stays_within_its_width(width: int) -> None:
    assert max(map(len, drawn(of_study(mixed_study(60)), width))) <= width


def test_marks_stand_where_their_values_are() -> None:
    corners = [(1.0, 0.0), (1.0, 10.0), (5.0, 5.0), (9.0, 0.0), (9.0, 10.0)]
    chart = Chart("t", Scale(1, 9), Scale(0, 10), "x", [Series("s", DOT, corners)], height=11)
    inside = [line[line.index("│") + 1 :] if "│" in line else line for line in drawn(chart)[1:12]]
    inside = [line.rpartition("┤")[2] for line in inside]
    assert inside[0].index("●") == inside[-1].index("●") == 0
    assert inside[0].rindex("●") == inside[-1].rindex("●")
    assert inside[5].index("●") == pytest.approx(inside[0].rindex("●") / 2, abs=1)


def test_a_line_is_broken_where_a_value_is_missing() -> None:
    line = [(0.0, 1.0), (1.0, 1.0), (2.0, math.nan), (3.0, 1.0), (4.0, 1.0)]
    chart = Chart("t", Scale(0, 4), Scale(0, 2), "x", line=line, height=3)
    middle = drawn(chart)[2].rpartition("┤")[2]
    assert "  " in middle.strip()


def test_axis_labels_are_decades_from_end_to_end() -> None:
    for width in (80, 140):
        lines = drawn(of_study(mixed_study(60)), width)
        assert next(line for line in lines if "1e-05" in line).split() == list(DECADES)


def test_no_character_is_beyond_ascii_where_the_terminal_is() -> None:
    lines = drawn(of_study(mixed_study(60)), encoding="ascii")
    assert any("x" in line and "|" in line for line in lines)
    assert any(line.strip().startswith("o adamw") for line in lines)


# -- the learning-rate plot ---------------------------------------------------------------------


def test_diverged_trials_stand_on_the_top_edge_and_leave_the_scale_alone() -> None:
    rates = [1e-4, 1e-3, 1e-2, 1e-1, 1.0]
    calm = drawn(of_study(grid_study(rates[:4], bowl(1e-2))))
    wild = drawn(of_study(grid_study(rates, bowl(1e-2, explodes=0.5))))
    assert mark_lines(wild, "×") == [1]
    labels = [line.split("┤")[0].strip() for line in calm if "┤" in line]
    assert labels == [line.split("┤")[0].strip() for line in wild if "┤" in line]


def test_maximizing_puts_diverged_trials_on_the_bottom_edge() -> None:
    rows = grid_study(
        [1e-4, 1e-3, 1e-2, 1.0],
        lambda lr: 0.9 - lr if lr < 1 else -math.inf,
        direction=Direction.MAXIMIZE,
    )
    lines = drawn(of_study(rows))
    (at,) = mark_lines(lines, "×")
    assert "└" in lines[at + 1]


def test_a_value_far_beyond_the_rest_is_counted_not_drawn_to_scale() -> None:
    losses = {1e-5: 1.0, 1e-4: 0.9, 1e-3: 0.8, 1e-2: 0.7, 1e-1: 1e9}
    lines = drawn(of_study(grid_study(list(losses), losses.__getitem__)))
    assert "1 trial above 1 off the scale" in lines[-1]
    assert mark_lines(lines, "!") == [1]


def test_the_scale_is_that_of_the_valley() -> None:
    lines = drawn(of_study(grid_study([10 ** (i / 4) * 1e-5 for i in range(20)], bowl(1e-2))))
    assert "4 trials above 1.28 off the scale" in lines[-1]
    few = drawn(of_study(grid_study([1e-5, 1e-4, 1e-3, 1e-2], bowl(1e-2))))
    assert not any("off the scale" in line for line in few)


def test_each_batch_size_has_a_panel_over_the_same_rates() -> None:
    charts = list(rate_charts(landscape(mixed_study(60))))
    assert [chart.title for chart in charts] == [
        f"val_loss against lr, batch_size {size}" for size in (16, 64, 256)
    ]
    assert len({chart.x for chart in charts}) == 1
    numbers = [n for chart in charts for series in chart.series for n in series.trials]
    assert len(numbers) == len(set(numbers))


def test_thin_kinds_are_grey_and_counted() -> None:
    rows = study(
        [
            *(row(i, 0.1 * i + 0.1, params={"lr": 0.1, "opt": "sgd"}) for i in range(4)),
            row(9, 0.3, params={"lr": 0.2, "opt": "lion"}),
        ]
    )
    [chart] = rate_charts(landscape(rows))
    found = {series.label: series.shape.style for series in chart.series}
    assert found["lion (1 trial)"] == "dim"
    assert found["sgd"] != "dim"


def test_a_curve_that_diverged_is_marked_whatever_the_outcome() -> None:
    rows = grid_study([1e-3, 1e-2, 1e-1], bowl(1e-2))
    look = {2: Diagnosis(Label.DIVERGED, "train_loss")}
    [chart] = rate_charts(landscape(rows), look)
    assert next(s.trials for s in chart.series if s.label == "diverged") == [2]


def test_the_good_band_and_the_edge_are_shaded_on_the_axis() -> None:
    rates = [10 ** (i / 4) * 1e-3 for i in range(13)]
    lines = drawn(of_study(grid_study(rates, bowl(1e-2, explodes=0.5))))
    axis = next(line for line in lines if "└" in line)
    assert "━" in axis
    assert "╳" in axis[-6:]
    assert "━ within" in " ".join(lines)


def test_each_optimizer_has_its_own_mark() -> None:
    of_best = list(rate_charts(landscape(mixed_study(60))))[1]
    legend = next(line for line in drawn(of_best) if "best" in line)
    assert "● adamw" in legend
    assert "▲ sgd" in legend
    assert "★ best" in legend


def test_without_a_finite_value_there_is_no_plot() -> None:
    assert of_study(grid_study([0.1, 0.2], lambda _: math.inf)) is None
