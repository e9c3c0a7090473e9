"""What a bad rate costs and what pruning saved, from curves whose answer is known."""

from __future__ import annotations

import math

import pytest

from lrsweep.analysis.landscape import survey
from lrsweep.analysis.rates import RateAxis
from lrsweep.analysis.speed import compared, pruning, slowness
from lrsweep.trial import Curve, Direction, Outcome, StudyRows
from tests.report.builder import row, study

LR = RateAxis("lr", "lr", 1e-4, 10.0)
RATES = [10 ** (i / 4) * 1e-3 for i in range(13)]


def curve(rate: float, sign: int = 1) -> Curve:
    """Training to zero, at a speed in proportion to the rate up to 0.1 and unsteady beyond."""
    speed = min(rate, 0.1) / 0.1 * 0.4
    floor = 0.0 if rate <= 0.11 else 0.5
    steps = tuple(range(1, 201))
    values = tuple(sign * (2 * math.exp(-speed * t) + floor) for t in steps)
    return Curve("val_loss", steps, values)


def trained(sign: int = 1) -> StudyRows:
    rows = [row(i, curve(r, sign).values[-1], params={"lr": r}) for i, r in enumerate(RATES)]
    metrics = {i: {"initial_loss": 2.0} for i in range(len(RATES))} if sign > 0 else {}
    direction = Direction.MINIMIZE if sign > 0 else Direction.MAXIMIZE
    return study(rows, metrics=metrics, direction=direction)


@pytest.mark.parametrize("sign", [1, -1])
def test_ten_times_lower_takes_ten_times_as_long(sign: int) -> None:
    land = survey(trained(sign), (LR,))
    trials = compared(land)
    assert trials[0].trial.params["lr"] == pytest.approx(0.1, rel=0.9)
    curves = {i: curve(r, sign) for i, r in enumerate(RATES)}
    [said] = slowness(land, trials, curves)
    best = float(trials[0].trial.params["lr"] or 1)
    for one in trials[1:]:
        if one.factor < 1:
            ratio = min(best, 0.1) / (best * one.factor)
            found = float(said.numbers[f"{one.factor:.2g} times"])
            assert found == pytest.approx(ratio, rel=0.25)
    assert "never gets there" in said.sentence


def test_trials_that_differ_in_more_than_the_rate_are_not_compared() -> None:
    rows = [
        row(i, abs(math.log10(r) + 1) + i % 2, params={"lr": r, "width": i % 2})
        for i, r in enumerate(RATES)
    ]
    land = survey(study(rows), (LR,))
    assert all(one.trial.number % 2 == 0 for one in compared(land))


def test_pruning_says_what_it_saved_and_what_it_may_have_cost() -> None:
    done = [
        row(i, 0.1 + 0.3 * (math.log10(r) + 1) ** 2, params={"lr": r}, wall_s=100.0)
        for i, r in enumerate(RATES)
    ]
    pruned = [
        row(20 + i, 0.9, Outcome.PRUNED, params={"lr": rate}, wall_s=20.0)
        for i, rate in enumerate((1e-3, 0.1))
    ]
    [said] = pruning(survey(study([*done, *pruned]), (LR,)))
    assert said.numbers == {"pruned": 2, "saved_s": 160.0, "in_band": 1}
    assert "saved about 2 min 40 s, 11 %" in said.sentence
    assert "21 had rates in the good band" in said.sentence
    assert not list(pruning(survey(study(done), (LR,))))
