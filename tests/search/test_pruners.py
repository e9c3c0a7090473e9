from __future__ import annotations

import pytest

from lrsweep.search.pruners import MedianPruner, NoPruner, stratum_of
from lrsweep.trial import Direction, Outcome, Params


def run(
    pruner: MedianPruner,
    trial: int,
    values: list[float],
    params: Params | None = None,
    outcome: Outcome = Outcome.COMPLETED,
) -> None:
    """A trial that reports `values` at equal shares of its budget, and ends."""
    for i, value in enumerate(values, 1):
        pruner.observe(trial, params or {}, i / len(values), value)
    pruner.finish(trial, outcome)


def five_alike(direction: Direction = Direction.MINIMIZE) -> MedianPruner:
    pruner = MedianPruner(direction)
    for trial in range(5):
        run(pruner, trial, [1.0, 0.8, 0.6, 0.4])
    return pruner


def test_a_trial_behind_the_median_is_pruned() -> None:
    pruner = five_alike()
    pruner.observe(9, {}, 0.5, 0.9)
    assert pruner.judge(9) is not None


def test_a_trial_at_the_median_goes_on() -> None:
    pruner = five_alike()
    pruner.observe(9, {}, 0.5, 0.8)
    assert pruner.judge(9) is None


def test_maximizing_turns_the_comparison_round() -> None:
    pruner = MedianPruner(Direction.MAXIMIZE)
    for trial in range(5):
        run(pruner, trial, [0.2, 0.4, 0.6, 0.8])
    pruner.observe(9, {}, 0.5, 0.3)
    assert pruner.judge(9) is not None


def test_its_best_value_so_far_counts_not_its_last() -> None:
    pruner = five_alike()
    pruner.observe(9, {}, 0.25, 0.7)
    pruner.observe(9, {}, 0.5, 5.0)
    assert pruner.judge(9) is None


def test_nothing_is_pruned_during_warmup() -> None:
    pruner = five_alike()
    pruner.observe(9, {}, 0.25, 9.0)
    assert pruner.judge(9) is None


def test_the_first_trials_are_left_alone() -> None:
    pruner = MedianPruner(Direction.MINIMIZE)
    for trial in range(4):
        run(pruner, trial, [0.1, 0.1])
    pruner.observe(9, {}, 0.5, 9.0)
    assert pruner.judge(9) is None


@pytest.mark.parametrize("name", ["batch_size", "train.batch-size", "bs"])
def test_trials_of_another_batch_size_are_not_compared(name: str) -> None:
    pruner = MedianPruner(Direction.MINIMIZE)
    for trial in range(8):
        run(pruner, trial, [0.1, 0.1], {name: 16, "lr": 0.1})
    pruner.observe(9, {name: 256, "lr": 0.1}, 0.5, 9.0)
    assert pruner.judge(9) is None


def test_trials_of_another_learning_rate_are_compared() -> None:
    pruner = MedianPruner(Direction.MINIMIZE)
    for trial in range(8):
        run(pruner, trial, [0.1, 0.1], {"lr": 0.1 / (trial + 1)})
    pruner.observe(9, {"lr": 1.0}, 0.5, 9.0)
    assert pruner.judge(9) is not None


def test_a_choice_makes_a_stratum_and_a_number_does_not() -> None:
    params: Params = {"lr": 0.1, "optimizer": "sgd", "nesterov": True, "batch_size": 32}
    assert stratum_of(params) == (("batch_size", 32), ("nesterov", True), ("optimizer", "sgd"))


def test_steps_that_do_not_coincide_are_compared_all_the_same() -> None:
    pruner = five_alike()
    pruner.observe(9, {}, 0.61, 0.9)
    assert pruner.judge(9) is not None


def test_pruned_trials_count_as_far_as_they_came() -> None:
    pruner = MedianPruner(Direction.MINIMIZE)
    for trial in range(3):
        run(pruner, trial, [0.1, 0.1])
    for trial in range(3, 8):
        for position in (0.25, 0.5):
            pruner.observe(trial, {}, position, 0.9)
        pruner.finish(trial, Outcome.PRUNED)
    pruner.observe(9, {}, 0.5, 0.85)
    assert pruner.judge(9) is None  # survivors alone would have said 0.1
    pruner.observe(9, {}, 0.75, 0.85)
    assert pruner.judge(9) is not None


def test_failed_trials_set_no_bar() -> None:
    pruner = MedianPruner(Direction.MINIMIZE)
    for trial in range(8):
        run(pruner, trial, [0.1, 0.1], outcome=Outcome.CRASHED)
    pruner.observe(9, {}, 0.5, 9.0)
    assert pruner.judge(9) is None


def test_no_pruner_prunes_nothing() -> None:
    pruner = NoPruner()
    pruner.observe(0, {}, 1.0, 1e9)
    assert pruner.judge(0) is None
