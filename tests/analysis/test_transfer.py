"""The best rate of a large run, predicted from small ones, on laws with a known answer."""

from __future__ import annotations

import math
import random

import pytest

from lrsweep.analysis.transfer import Cell, answer, back_test, cells_of, fit_transfer
from lrsweep.trial import Direction, Outcome, Params

RATES = [10 ** (-4 + i / 3) for i in range(13)]


def cell(best: float, noise: float, source: random.Random, **scales: float) -> Cell:
    """A basin around `best`, steeper above it, with a cliff two octaves and more beyond."""

    def loss(rate: float) -> float:
        away = math.log(rate / best)
        if away > 2.5:
            return math.inf
        return 2 + (0.02 if away < 0 else 0.04) * away**2 + source.gauss(0, noise)

    return Cell(scales, tuple(RATES), tuple(map(loss, RATES)))


def small_runs(exponent: float, noise: float, seed: int) -> list[Cell]:
    source = random.Random(seed)
    return [
        cell(0.01 * (width / 64) ** exponent, noise, source, width=width, batch_size=batch)
        for width in (32.0, 64.0, 128.0)
        for batch in (16.0, 64.0)
    ]


@pytest.mark.parametrize("exponent", [-1.0, -0.5, 0.0, 0.5])
def test_the_exponent_of_a_law_is_found(exponent: float) -> None:
    transfer = fit_transfer(small_runs(exponent, 0.0, 0), ("width", "batch_size"))
    assert transfer is not None
    found = transfer.exponents()
    assert found["width"].low <= exponent <= found["width"].high
    assert found["width"].value == pytest.approx(exponent, abs=0.2)
    assert found["batch_size"].value == pytest.approx(0, abs=0.1)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    inside = []
    for seed in range(40):
        transfer = fit_transfer(small_runs(-0.7, 0.01, seed), ("width", "batch_size"))
        assert transfer is not None
        prediction = transfer.at({"width": 512.0, "batch_size": 64.0})
        truth = 0.01 * (512 / 64) ** -0.7
        inside.append(prediction.low <= truth <= prediction.high)
        assert prediction.beyond == pytest.approx({"width": 4.0, "batch_size": 1.0})
    assert sum(inside) >= 34


def test_better_is_larger_where_the_objective_says_so() -> None:
    trials: list[tuple[Params, Outcome, float | None, float | None]] = [
        ({"lr": rate, "width": width}, Outcome.COMPLETED, -abs(math.log(rate / best)), 1.0)
        for width, best in ((32, 0.01), (64, 0.005), (128, 0.0025))
        for rate in RATES
    ]
    cells = cells_of(trials, names=("width",), rate="lr", direction=Direction.MAXIMIZE)
    transfer = fit_transfer(cells, ("width",))
    assert transfer is not None
    width = transfer.exponents()["width"]
    assert width.low < -1 < width.high < 0


def test_trials_that_tell_nothing_are_left_out() -> None:
    trials: list[tuple[Params, Outcome, float | None, float | None]] = [
        ({"lr": 0.1, "width": 32}, Outcome.CRASHED, None, None),
        ({"lr": 0.1}, Outcome.COMPLETED, 1.0, 1.0),
        ({"lr": 0.1, "width": "wide"}, Outcome.COMPLETED, 1.0, 1.0),
        ({"lr": 0.2, "width": 32}, Outcome.DIVERGED, math.inf, 1.0),
        ({"lr": 0.1, "width": 32}, Outcome.COMPLETED, 1.0, 3.0),
    ]
    [only] = cells_of(trials, names=("width",), rate="lr", direction=Direction.MINIMIZE)
    assert only == Cell({"width": 32.0}, (0.2, 0.1), (math.inf, 1.0), 3.0)


def test_a_best_rate_at_the_end_of_those_tried_is_a_bound_and_no_point() -> None:
    source = random.Random(0)
    cells = [
        cell(best, 0.0, source, width=width)
        for width, best in ((32.0, 0.05), (64.0, 0.05), (128.0, 0.05))
    ]
    cut = [
        Cell(c.scales, c.rates[:5], c.losses[:5]) if c.scales["width"] == 128 else c for c in cells
    ]
    whole, bounded = (fit_transfer(group, ("width",)) for group in (cells, cut))
    assert whole is not None
    assert bounded is not None
    assert bounded.at({"width": 256.0}).rate > 0.01
    assert bounded.at({"width": 128.0}).high > whole.at({"width": 128.0}).high


def test_a_back_test_says_what_predicting_and_keeping_would_have_cost() -> None:
    [width, batch] = back_test(small_runs(-1.0, 0.0, 1), ("width", "batch_size"))
    assert (width.scale, width.level, width.cells, width.inside) == ("width", 128.0, 2, 2)
    assert width.costs["predicted"] < width.costs["keep"]
    assert width.costs["1/width"] == pytest.approx(0, abs=0.01)
    assert batch.costs["keep"] <= batch.costs["linear"]


def test_where_predicting_did_worse_the_rate_is_kept() -> None:
    source = random.Random(5)
    bests = {16.0: 0.01, 32.0: 0.03, 64.0: 0.1, 128.0: 0.1}
    cells = [cell(best, 0.0, source, batch_size=size) for size, best in bests.items()]
    found = answer(cells, {"batch_size": 256.0})
    assert found is not None
    assert not found.helps
    assert found.rate == found.kept == pytest.approx(0.1, rel=0.01)


def test_further_runs_narrow_the_interval() -> None:
    found = answer(small_runs(-0.5, 0.01, 2), {"width": 1024.0, "batch_size": 64.0})
    assert found is not None
    assert found.further.after < found.further.before
    assert found.further.scales["width"] < 1024
    low, high = found.further.rates
    assert low < found.transfer.at(found.further.scales).rate < high


def test_one_cell_is_too_few() -> None:
    assert fit_transfer(small_runs(0.0, 0.0, 0)[:1], ("width", "batch_size")) is None
