"""A word on a curve only where the curve allows one, and numbers that a sentence can stand on."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import pytest

from lrsweep.analysis.diagnosis import FEWEST_POINTS, Diagnosis, Losses, diagnose
from lrsweep.analysis.labels import Label
from lrsweep.trial import Curve


def curve(metric: str, values: Sequence[float]) -> Curve:
    return Curve(metric, tuple(range(1, len(values) + 1)), tuple(values))


def falling(points: int = 20, floor: float = 0.1) -> list[float]:
    return [floor + 2.2 * math.exp(-t * 8 / points) for t in range(points)]


def look_of(
    training: Sequence[float] = (), validation: Sequence[float] = (), initial: float | None = 2.3
) -> Diagnosis | None:
    return diagnose(
        Losses(
            curve("train_loss", training) if training else None,
            curve("val_loss", validation) if validation else None,
            initial,
        )
    )


def word(
    training: Sequence[float] = (), validation: Sequence[float] = (), initial: float | None = 2.3
) -> Label | None:
    found = look_of(training, validation, initial)
    return None if found is None else found.label


def test_a_trial_without_a_loss_is_not_judged() -> None:
    assert word() is None


def test_fewer_than_eight_points_are_not_judged() -> None:
    assert word(falling(FEWEST_POINTS)) is Label.HEALTHY
    assert word(falling(FEWEST_POINTS - 1)) is None


def test_one_loss_that_is_not_finite_is_enough_to_have_diverged() -> None:
    assert word([math.nan]) is Label.DIVERGED
    assert word([2.3, 2.2], [2.3, math.inf]) is Label.DIVERGED


def test_a_validation_loss_that_was_infinite_once_does_not_condemn_the_training() -> None:
    validation = falling()
    validation[5] = math.inf
    assert word(falling(), validation) is Label.HEALTHY
    assert word(validation=validation) is None


def test_a_loss_that_may_be_negative_has_no_scale_to_judge_it_by() -> None:
    assert word([loss - 1 for loss in falling()], initial=None) is None
    assert word(falling(), initial=0.0) is None


def test_validation_stands_in_for_a_training_loss_that_is_missing_or_too_short() -> None:
    for training in ([], [0.5]):
        found = look_of(training, falling(), initial=None)
        assert found is not None
        assert (found.label, found.metric) == (Label.HEALTHY, "val_loss")


@pytest.mark.parametrize("rise", [0.02, 0.05, 0.2])
def test_a_validation_loss_alone_that_turns_up_is_not_explained(rise: float) -> None:
    turning = [0.3 + rise * abs(t - 4) for t in range(16)]
    assert word(validation=turning, initial=None) is None


def test_overfitting_is_told_with_where_it_began_and_how_wide_the_gap_is() -> None:
    found = look_of(falling(20, floor=0.02), [0.3 + 0.02 * abs(t - 9) for t in range(20)])
    assert found is not None
    assert found.label is Label.OVERFITTING
    assert found.turn is not None
    assert (found.turn.lowest, found.turn.step, found.turn.end) == (0.3, 10, 20)
    assert found.turn.gap == pytest.approx(0.5 - falling(20, floor=0.02)[-1])
    assert found.gloss == "val_loss was lowest, 0.3, at step 10 of 20 and ended at 0.5"


def test_three_validation_losses_are_too_few_for_overfitting() -> None:
    assert word(falling(), [0.5, 0.3, 0.6]) is Label.HEALTHY


# -- too slow: only where something shows that lower was possible --------------------------------

FLAT = [0.5 - 0.001 * t for t in range(20)]


def test_a_flat_curve_is_too_slow_beside_the_loss_before_training() -> None:
    assert word(FLAT, initial=0.51) is Label.TOO_SLOW


def test_a_flat_curve_may_have_learned_before_its_first_report() -> None:
    assert word(FLAT, initial=None) is None


def test_a_flat_curve_is_too_slow_beside_a_trial_that_got_lower() -> None:
    losses = Losses(curve("train_loss", FLAT), None)
    found = diagnose(losses, {"train_loss": 0.2})
    assert found is not None
    assert found.label is Label.TOO_SLOW
    assert diagnose(losses, {"train_loss": 0.47}) is None
    assert diagnose(losses, {"val_loss": 0.2}) is None


# -- still improving: whether more training may help ---------------------------------------------


@pytest.mark.parametrize(
    ("validation", "falls"),
    [
        (lambda t: 2.3 - 0.08 * t, True),
        (lambda t: max(1.5, 2.3 - 0.08 * t), False),
        (lambda t: 1.5 + 0.005 * t, False),
    ],
)
def test_it_knows_whether_the_validation_loss_still_fell_as_well(
    validation: Callable[[int], float], falls: bool
) -> None:
    found = look_of([2.3 - 0.1 * t for t in range(20)], [validation(t) for t in range(20)])
    assert found is not None
    assert (found.label, found.falls) == (Label.STILL_IMPROVING, falls)
    assert found.before > found.late


def test_every_label_has_a_gloss_that_names_the_curve() -> None:
    for label in Label:
        assert Diagnosis(label, "ce", late=1.0).gloss.startswith("ce ")
