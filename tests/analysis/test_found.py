"""A range test hands on a wider bracket and a few rates, or the reason why it cannot."""

from __future__ import annotations

import math

import pytest

from lrsweep.analysis.found import NO_RANGE_TEST, Found, label, varied
from lrsweep.analysis.range_test import RateRamp
from lrsweep.trial import Curve, Outcome, Params, TrialRow

RAMP = RateRamp.parse("1e-6:100:300")


def curves(works: float = 1e-3, breaks: float = 1.0) -> list[Curve]:
    """What a model reports that learns at rates above `works` and explodes above `breaks`."""
    rates = tuple(RAMP.rate(i) for i in range(RAMP.steps))
    losses = tuple(0.3 + 2 / (1 + (r / works) ** 1.5) + (r / breaks) ** 3 for r in rates)
    steps = tuple(range(1, RAMP.steps + 1))
    return [Curve("train_loss", steps, losses), Curve("lr", steps, rates)]


def row(number: int = 0, outcome: Outcome = Outcome.COMPLETED, **params: str | int) -> TrialRow:
    return TrialRow(number=number, outcome=outcome, params=params, value=1.0, reason="boom")


def test_the_bracket_is_widened_by_half_a_decade_on_either_side() -> None:
    found = Found.of(row(), curves())
    assert found.test.bracket is not None
    ratios = [wide / narrow for wide, narrow in zip(found.widened, found.test.bracket, strict=True)]
    assert ratios == pytest.approx([1 / math.sqrt(10), math.sqrt(10)])


def test_first_come_valley_middle_and_parts_of_the_minimum() -> None:
    found = Found.of(row(), curves())
    at, minimum = found.test.suggestions, found.minimum or 0.0
    assert found.first_rates() == pytest.approx(
        (at["valley"], at["middle"], minimum / 10, minimum / 3)
    )


@pytest.mark.parametrize(
    ("optimizer", "default"), [("adam", 1e-3), ("rmsprop", 1e-2), ("adadelta", None)]
)
def test_an_optimizers_default_is_tried_where_it_lies_within(
    optimizer: str, default: float | None
) -> None:
    found = Found.of(row(optimizer=optimizer), curves())
    assert found.first_rates()[4:] == (() if default is None else (default,))


def test_a_trial_that_failed_gives_its_reason() -> None:
    found = Found.of(row(outcome=Outcome.OUT_OF_MEMORY), [])
    assert found.test.problem == "out of memory: boom"
    assert Found.of(row(outcome=Outcome.CRASHED), []).test.problem == "crashed: boom"
    assert found.minimum is None


def test_a_rate_that_does_not_rise_is_no_range_test() -> None:
    steps = (1, 2, 3)
    trained = [Curve("train_loss", steps, (3.0, 2.0, 1.0)), Curve("lr", steps, (0.1, 0.1, 0.05))]
    assert Found.of(row(), trained).test.problem == NO_RANGE_TEST


def test_tests_are_told_apart_by_what_differs() -> None:
    shared: list[Params] = [{"optimizer": o, "batch_size": 64} for o in ("sgd", "adam")]
    found = [Found.of(row(i, **params), curves()) for i, params in enumerate(shared)]  # type: ignore[arg-type]
    among = varied(found)
    assert among == {"optimizer": ("sgd", "adam")}
    assert [label(one, among) for one in found] == ["sgd", "adam"]
