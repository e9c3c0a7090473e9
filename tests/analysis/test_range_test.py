"""A range test brackets the rates that work, and says so where it cannot."""

import itertools
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrsweep.analysis.range_test import RangeTest, RateRamp, analyse
from lrsweep.errors import InputError
from lrsweep.observe.training.smoothing import Smoothed

NOISE = 0.05
RAMP = RateRamp.parse("1e-6:100:300")
RATES = [RAMP.rate(i) for i in range(RAMP.steps)]


def loss(rate: float, works: float, breaks: float) -> float:
    """The loss of a model that learns at rates above `works` and explodes above `breaks`."""
    learnt = 1 / (1 + math.pow(rate / works, 1.5))
    return 0.3 + 2 * learnt + math.pow(rate / breaks, 3)


def run(works: float = 1e-3, breaks: float = 1.0, noise: float = NOISE, seed: int = 0) -> RangeTest:
    random.seed(seed)
    return analyse(RATES, [loss(r, works, breaks) + random.gauss(0, noise) for r in RATES])


@given(
    works=st.floats(-5, -2).map(lambda x: 10**x),
    gap=st.floats(1.5, 3),
    seed=st.integers(0, 1000),
)
def test_the_bracket_spans_from_learning_to_breaking(works: float, gap: float, seed: int) -> None:
    found = run(works, works * 10**gap, seed=seed)
    assert found.bracket is not None
    low, high = found.bracket
    losses = {rate: loss(rate, works, works * 10**gap) for rate in RATES}
    best = min(losses, key=lambda rate: losses[rate])
    within = min(of_rate for rate, of_rate in losses.items() if low <= rate <= high)
    assert within <= losses[best] + NOISE  # where the curve is flat, its noise moves the bracket
    assert low > works / 30
    assert high < works * 10**gap * 3
    assert found.diverged_at is not None
    assert found.diverged_at > best


def test_suggestions_stand_in_the_order_of_the_curve() -> None:
    found = run(noise=0.0)
    at, (low, high) = found.suggestions, found.bracket or (0.0, 0.0)
    assert set(at) == {"valley", "steepest", "minimum_tenth", "middle"}
    assert low < at["valley"] < at["middle"] < high
    assert at["middle"] == pytest.approx(math.sqrt(low * high))
    assert at["steepest"] == pytest.approx(1e-3, rel=1.0)


def test_slopes_are_by_the_logarithm_of_the_rate() -> None:
    """By the rate itself the steepest point is always near the lowest rate."""
    found = run(works=1e-1, breaks=30)
    assert found.suggestions["steepest"] > 1e-2


def test_a_test_that_never_improves_suggests_nothing() -> None:
    flat = analyse(RATES, [2.3] * len(RATES))
    assert flat.problem.startswith("the loss never fell: no rate of the test learns")
    assert (flat.bracket, dict(flat.suggestions)) == (None, {})
    worse = analyse(RATES, [2.3 * 1.05**i for i in range(len(RATES))])
    assert "the loss exploded at once" in worse.problem
    assert worse.diverged_at is not None


def test_a_test_that_never_explodes_asks_for_higher_rates() -> None:
    found = run(breaks=1e6)
    assert found.problem == "the loss never exploded: the highest rate is too low"
    assert found.bracket is None
    assert found.diverged_at is None


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_is_where_it_diverged(bad: float) -> None:
    curve = [loss(r, 1e-3, 1e6) for r in RATES]
    found = analyse(RATES, [*curve[:250], bad, *curve[251:]])
    assert found.diverged_at == RATES[250]
    assert len(found.smoothed) == 251
    assert found.bracket is not None


def test_a_loss_that_is_no_number_from_the_start_blames_no_rate() -> None:
    found = analyse(RATES, [math.nan] * len(RATES))
    assert found.problem.startswith("the loss was nan at the first step, at rate 1e-06")


def test_a_ramp_that_starts_too_high_says_so() -> None:
    found = analyse(RATES, [2.3, 2.4, 9.0, 80.0, 1e4, 1e9])
    assert found.problem.startswith("the loss exploded at once, at rate 1.")


def test_a_small_set_that_is_memorised_explodes_against_its_start_and_not_against_zero() -> None:
    """The loss is near zero long before the rates that break: noise there is no explosion."""
    random.seed(0)
    curve = [2.3 / (1 + (r / 1e-3) ** 3) + abs(random.gauss(0, 0.03)) + (r / 3) ** 4 for r in RATES]
    found = analyse(RATES, curve)
    assert found.diverged_at is not None
    assert found.diverged_at > 1
    assert found.bracket is not None
    assert found.bracket[1] > 0.05


@pytest.mark.parametrize("shift", [-5.0, -0.5])
def test_negative_losses_are_judged_alike(shift: float) -> None:
    plain = [loss(r, 1e-3, 1.0) for r in RATES]
    found, shifted = analyse(RATES, plain), analyse(RATES, [v + shift for v in plain])
    assert found.bracket is not None
    assert shifted.bracket == pytest.approx(found.bracket, rel=0.3)


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=60))
def test_no_curve_is_too_strange(losses: list[float]) -> None:
    found = analyse(RATES[: len(losses)], losses)
    assert (found.bracket is None) == (found.suggestions == {})


def test_smoothing_is_unbiased_from_the_first_loss() -> None:
    smoothed = Smoothed()
    assert [smoothed.add(2.0) for _ in range(5)] == pytest.approx([2.0] * 5)
    assert not smoothed.exploded
    smoothed.add(1e3)
    smoothed.add(1e3)
    assert not smoothed.exploded
    smoothed.add(1e3)
    assert smoothed.exploded


def test_rates_are_evenly_spaced_on_a_log_scale() -> None:
    ratios = [b / a for a, b in itertools.pairwise(RATES)]
    assert ratios == pytest.approx([ratios[0]] * len(ratios))
    assert [RATES[0], RATES[-1]] == pytest.approx([1e-6, 100])


@pytest.mark.parametrize("text", ["", "1:2", "0:1:100", "1:1:100", "1:2:1", "a:b:c", "1:inf:5"])
def test_a_ramp_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="must be LOW:HIGH:STEPS"):
        RateRamp.parse(text)


def test_a_few_batches_of_unlike_losses_are_no_explosion() -> None:
    smoothed = Smoothed()
    for loss in (1.91, 1.91, 1.62, 1.25, 1.53, 1.23, 1.98, 1.93, 3.84):
        smoothed.add(loss)
    assert not smoothed.exploded
    for loss in (5.0, 30.0, 900.0, 9e4):
        smoothed.add(loss)
    assert smoothed.exploded


@pytest.mark.parametrize("spread", [0.3, 0.8, 1.2])
def test_heavy_tails_of_batches_are_no_explosion_and_an_explosion_is_seen(spread: float) -> None:
    source = random.Random(1)
    calm = [math.exp(source.gauss(0, spread)) for _ in range(300)]
    smoothed = Smoothed()
    for loss in calm:
        smoothed.add(loss)
        assert not smoothed.exploded
    for step in range(60):
        smoothed.add(math.exp(0.2 * step + source.gauss(0, spread)))
    assert smoothed.exploded
