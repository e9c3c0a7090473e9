"""Curves whose name anybody would agree on get it, whatever their scale, noise and length."""

import math
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrsweep.analysis.labels import Label, label

STEPS = 400
NAN = math.nan


def late_blow_up(t: int) -> float:
    return 2.3 * math.exp(-t / 40) + 0.1 if t < 300 else 3.0


def collapse(t: int) -> float:
    return 2.3 * math.exp(-t / 40) + 0.1 if t < 300 else 2.3


CURVES: list[tuple[Label, Callable[[int], float]]] = [
    (Label.HEALTHY, lambda t: 2.3 * math.exp(-t / 40) + 0.08),
    (Label.TOO_SLOW, lambda t: 2.3 - 2e-4 * t),
    (Label.PLATEAUED, lambda t: 1.2 + 1.1 * math.exp(-t / 20)),
    (Label.OSCILLATING, lambda t: 0.6 + 0.4 * (-1) ** t),
    (Label.SPIKING, lambda t: 2.3 * math.exp(-t / 40) + 0.08 + 1.5 * (t in (190, 240))),
    (Label.STILL_IMPROVING, lambda t: 2.3 - 0.004 * t),
    (Label.DIVERGED, lambda t: 2.3 * 1.02**t),
    (Label.DIVERGED, lambda t: 2.3 if t < 390 else NAN),
    (Label.DIVERGED, lambda t: 2.3 if t < 390 else math.inf),
    (Label.DIVERGED, late_blow_up),
    (Label.COLLAPSED, collapse),
    (Label.COLLAPSED, lambda t: 2.3 + 5 * math.exp(-(((t - 20) / 8) ** 2))),
]


@pytest.mark.parametrize(("expected", "curve"), CURVES)
@pytest.mark.parametrize("scale", [1.0, 1e-3, 1e3])
def test_a_clear_curve_gets_its_name(
    expected: Label, curve: Callable[[int], float], scale: float
) -> None:
    assert label([scale * curve(t) for t in range(STEPS)]) is expected


@pytest.mark.parametrize(("expected", "curve"), CURVES)
@pytest.mark.parametrize("seed", range(3))
def test_noise_does_not_change_the_name(
    expected: Label, curve: Callable[[int], float], seed: int
) -> None:
    random.seed(seed)
    assert label([curve(t) + random.gauss(0, 0.02) for t in range(STEPS)]) is expected


@pytest.mark.parametrize(("expected", "curve"), [c for c in CURVES if c[0] != Label.SPIKING])
def test_twenty_points_are_enough(expected: Label, curve: Callable[[int], float]) -> None:
    assert label([curve(t) for t in range(0, STEPS, 21)]) is expected


def test_validation_that_turns_up_while_training_falls_is_overfitting() -> None:
    training = [2.3 * math.exp(-t / 40) + 0.02 for t in range(STEPS)]
    turning = [0.3 + abs(t - 10) * 0.05 for t in range(20)]
    assert label(training, turning) is Label.OVERFITTING
    assert label(training, sorted(turning, reverse=True)) is Label.HEALTHY
    late = [0.3 + abs(t - 18) * 0.05 for t in range(20)]
    assert label(training, late) is Label.HEALTHY


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=2, max_size=50))
def test_every_curve_has_a_name(losses: list[float]) -> None:
    found = label(losses)
    assert found in Label
    if not all(map(math.isfinite, losses)):
        assert found is Label.DIVERGED


def test_one_loss_is_no_curve() -> None:
    with pytest.raises(ValueError, match="two losses or more, got 1"):
        label([0.3])


@pytest.mark.parametrize("points", [8, 10, 13, 16])
def test_a_steady_fall_is_still_improving_however_few_points_tell_it(points: int) -> None:
    assert label([2.3 - 1.6 * t / points for t in range(points)]) is Label.STILL_IMPROVING


@pytest.mark.parametrize("points", [8, 10, 15])
def test_a_steep_start_of_few_points_is_no_spike(points: int) -> None:
    assert label([2.3 * 0.3**t + 0.1 for t in range(points)], initial=5) is Label.HEALTHY


def test_one_jump_in_few_points_is_a_spike_and_no_oscillation() -> None:
    losses = [2.3 * math.exp(-t / 3) + 0.1 + (t == 8) for t in range(12)]
    assert label(losses) is Label.SPIKING


def test_an_uneven_fall_of_few_points_does_not_oscillate() -> None:
    assert label([2.04, 1.91, 1.84, 1.73, 1.63, 1.63, 1.46, 1.52]) is not Label.OSCILLATING


def test_validation_that_turned_up_counts_for_more_than_a_training_loss_that_still_falls() -> None:
    training = [2.3 - 0.005 * t for t in range(STEPS)]
    assert label(training) is Label.STILL_IMPROVING
    assert label(training, [0.5 + 0.05 * abs(t - 5) for t in range(20)]) is Label.OVERFITTING


def annealed(t: float) -> float:
    """A loss whose noise floor goes with a rate that a half cosine takes to zero."""
    return 0.3 + 2 * math.exp(-12 * t) + 0.35 * (1 + math.cos(math.pi * t)) / 2


def stepped(at: float) -> Callable[[float], float]:
    """A loss that a step of the rate takes down."""
    return lambda t: (
        0.25 + 2 * math.exp(-12 * t) + (0.3 if t < at else 0.1 * math.exp(40 * (at - t)))
    )


def stable_decay(t: float) -> float:
    return 0.3 + 2 * math.exp(-10 * t) + 0.3 * min(1.0, (1 - t) / 0.2)


@pytest.mark.parametrize("points", [60, 200])
@pytest.mark.parametrize("curve", [annealed, stepped(0.66), stepped(0.85), stable_decay])
def test_a_drop_that_a_schedule_makes_is_no_wish_for_more_training(
    points: int, curve: Callable[[float], float]
) -> None:
    assert label([curve(i / (points - 1)) for i in range(points)]) is Label.HEALTHY


@pytest.mark.parametrize("fall", [0.15, 0.25, 0.4])
@pytest.mark.parametrize("points", [15, 60, 400])
def test_a_straight_slow_fall_is_too_slow(fall: float, points: int) -> None:
    draw = random.Random(1)
    losses = [2.3 * (1 - fall * i / points) + draw.gauss(0, 0.003) for i in range(points)]
    assert label(losses) is Label.TOO_SLOW


def test_one_unlucky_last_evaluation_turns_nothing_up() -> None:
    training = [2.3 * math.exp(-t / 40) + 0.02 for t in range(STEPS)]
    validation = [0.4 + 1.8 * math.exp(-t / 3) for t in range(19)] + [0.7]
    assert label(training, validation) is Label.HEALTHY


def test_a_validation_that_turned_up_says_so_whatever_the_training_loss_does() -> None:
    flat = [2.3 * math.exp(-t / 20) + 0.02 + 0.001 * t / STEPS for t in range(STEPS)]
    draw = random.Random(2)
    turned = [0.4 + 1.8 * math.exp(-t / 2) + 0.03 * max(0, t - 6) for t in range(20)]
    assert label(flat, [v + draw.gauss(0, 0.01) for v in turned]) is Label.OVERFITTING


def test_a_validation_that_swings_has_a_word() -> None:
    training = [2.3 * math.exp(-t / 40) + 0.02 for t in range(STEPS)]
    swinging = [0.5 + 1.5 * math.exp(-t / 3) + 0.3 * (-1) ** t for t in range(20)]
    assert label(training, swinging) is Label.UNSTABLE
