from __future__ import annotations

import math

import pytest

from lrsweep.search.pruners import RulePruner, make_pruner
from lrsweep.trial import Direction, Outcome, Params, Verdict

TENTHS = tuple(i / 10 for i in range(1, 11))


def run(
    pruner: RulePruner,
    trial: int,
    values: list[float],
    params: Params | None = None,
    outcome: Outcome = Outcome.COMPLETED,
    budget: float = 1.0,
) -> None:
    """A trial that reports `values` at equal shares of its budget, and ends."""
    for i, value in enumerate(values, 1):
        pruner.observe(trial, params or {}, budget * i / len(values), value)
    pruner.finish(trial, outcome)


def verdict_on(
    pruner: RulePruner,
    values: list[float],
    params: Params | None = None,
    *,
    trial: int = 99,
    positions: tuple[float, ...] = TENTHS,
) -> Verdict | None:
    """The first verdict on a trial that reports `values`, judged at every report."""
    for position, value in zip(positions, values, strict=False):
        pruner.observe(trial, params or {}, position, value)
        if (verdict := pruner.judge(trial)) is not None:
            return verdict
    return None


def falling(final: float) -> list[float]:
    """Ten losses that fall from 2 by equal factors to `final`."""
    return [2 * (final / 2) ** (i / 9) for i in range(10)]


def after_eight(text: str, direction: Direction = Direction.MINIMIZE) -> RulePruner:
    """A pruner that has seen eight trials end between 0.1 and 0.8."""
    pruner = make_pruner(text, direction)
    sign = 1 if direction is Direction.MINIMIZE else -1
    for trial in range(8):
        run(pruner, trial, [sign * value for value in falling(0.1 * (trial + 1))])
    return pruner


class TestTheDefault:
    def test_stops_a_trial_far_behind_with_its_numbers(self) -> None:
        verdict = verdict_on(after_eight("median"), [2.0] * 10)
        assert verdict is not None
        assert (verdict.rule, verdict.outcome) == ("median", Outcome.PRUNED)
        assert verdict.numbers["best"] == 2.0
        assert verdict.numbers["trials"] == 8
        assert verdict.numbers["leader"] < verdict.numbers["bar"] < verdict.numbers["best"]

    def test_leaves_a_trial_near_the_best_alone(self) -> None:
        assert verdict_on(after_eight("median"), falling(0.12)) is None

    def test_maximizing_turns_the_comparison_round(self) -> None:
        pruner = after_eight("median", Direction.MAXIMIZE)
        assert verdict_on(pruner, [-value for value in falling(0.12)]) is None
        verdict = verdict_on(pruner, [-2.0] * 10, trial=100)
        assert verdict is not None
        assert verdict.numbers["best"] == -2.0

    def test_heeds_how_slowly_the_best_trials_began(self) -> None:
        """Here the slow ones win; a bar between the fastest and the median would stop them."""
        pruner = make_pruner("median", Direction.MINIMIZE)
        slow = [1.9, 1.8, 1.7, 1.5, 1.2, 0.8, 0.4, 0.2, 0.12, 0.1]
        fast = [1.0, 0.9, 0.85, 0.83, 0.82, 0.81, 0.8, 0.8, 0.8, 0.8]
        for trial in range(10):
            run(pruner, trial, slow if trial < 2 else [v + 0.01 * trial for v in fast])
        assert verdict_on(pruner, slow) is None
        assert verdict_on(pruner, [2.5] * 9, trial=100) is not None

    def test_stops_none_before_enough_have_completed(self) -> None:
        pruner = make_pruner("median", Direction.MINIMIZE)
        for trial in range(4):
            run(pruner, trial, falling(0.1))
        for trial in range(4, 10):
            run(pruner, trial, [2.0, 2.0], outcome=Outcome.DIVERGED, budget=0.2)
        assert verdict_on(pruner, [9.0] * 10, trial=10) is None
        run(pruner, 11, falling(0.1))
        assert verdict_on(pruner, [9.0] * 10, trial=12) is not None

    def test_does_not_tighten_as_the_search_closes_in(self) -> None:
        pruner = make_pruner("median", Direction.MINIMIZE)
        for trial in range(10):
            run(pruner, trial, falling(0.1 * (trial + 1)))
        for trial in range(10, 60):
            run(pruner, trial, falling(0.1))
        assert verdict_on(pruner, falling(0.14)) is None

    def test_never_stops_at_the_last_report(self) -> None:
        pruner = after_eight("median")
        assert verdict_on(pruner, [2.0], positions=(1.0,)) is None

    def test_a_trial_within_the_noise_of_the_best_is_not_stopped(self) -> None:
        pruner = make_pruner("median", Direction.MINIMIZE)
        jitter = [0.0, 0.02, -0.02, 0.03, -0.03, 0.02, -0.01, 0.02, -0.02, 0.0]
        for trial in range(12):
            run(pruner, trial, [1 + j + 0.001 * trial for j in jitter])
        noisy = [1.01 + j for j in reversed(jitter)]
        assert verdict_on(pruner, noisy) is None

    @pytest.mark.parametrize("batch", [16, 17, 100, 512])
    def test_batch_sizes_of_a_range_are_compared(self, batch: int) -> None:
        pruner = make_pruner("median", Direction.MINIMIZE)
        for trial in range(8):
            run(pruner, trial, falling(0.1), {"batch_size": 16 + 61 * trial})
        assert verdict_on(pruner, [2.0] * 10, {"batch_size": batch}) is not None

    def test_choices_make_no_strata(self) -> None:
        pruner = make_pruner("median", Direction.MINIMIZE)
        for trial in range(8):
            run(pruner, trial, falling(0.1), {"optimizer": "adam" if trial == 0 else "sgd"})
        assert verdict_on(pruner, [2.0] * 10, {"optimizer": "adam"}) is not None

    def test_the_best_of_every_optimizer_is_left_alone(self) -> None:
        pruner = make_pruner("median", Direction.MINIMIZE)
        for trial in range(8):
            run(pruner, trial, falling(0.1), {"optimizer": "adam"})
        assert verdict_on(pruner, falling(1.0), {"optimizer": "sgd"}) is None
        run(pruner, 99, [], {"optimizer": "sgd"})
        assert verdict_on(pruner, falling(0.9), {"optimizer": "sgd"}, trial=100) is None
        assert verdict_on(pruner, falling(1.5), {"optimizer": "sgd"}, trial=101) is not None

    def test_trainings_of_another_length_are_not_compared(self) -> None:
        pruner = make_pruner("median", Direction.MINIMIZE)
        for trial in range(8):
            run(pruner, trial, falling(0.1), {"epochs": 10})
        assert verdict_on(pruner, [2.0] * 10, {"epochs": 100}) is None
        assert verdict_on(pruner, [2.0] * 10, {"epochs": 10}, trial=100) is not None

    def test_steps_that_do_not_coincide_are_compared(self) -> None:
        verdict = verdict_on(after_eight("median"), [2.0], positions=(0.137,))
        assert verdict is not None

    def test_pruned_trials_count_as_far_as_they_came(self) -> None:
        pruner = after_eight("median:reference=20")
        early = verdict_on(pruner, [2.3])
        for trial in range(10, 40):
            run(pruner, trial, [2.5] * 5, outcome=Outcome.PRUNED, budget=0.5)
        assert early is not None
        assert verdict_on(pruner, [2.3], trial=100) is None

    def test_failed_trials_set_no_bar(self) -> None:
        pruner = make_pruner("median", Direction.MINIMIZE)
        for trial in range(8):
            run(pruner, trial, falling(0.1), outcome=Outcome.CRASHED)
        assert verdict_on(pruner, [2.0] * 10) is None


class TestWithoutAShareOfTheBudget:
    def test_the_length_is_learned_from_trials_that_completed(self) -> None:
        pruner = make_pruner("median", Direction.MINIMIZE)
        steps = tuple(100.0 * i for i in range(1, 11))
        assert verdict_on(pruner, [9.0] * 9, positions=steps, trial=0) is None
        for trial in range(1, 8):
            run(pruner, trial, falling(0.1), budget=1000)
        verdict = verdict_on(pruner, [3.0] * 10, positions=steps)
        assert verdict is not None
        assert verdict.numbers["share"] == pytest.approx(0.1)

    def test_steps_of_batches_are_compared_at_the_same_share(self) -> None:
        """Of 6400 examples, batch 16 takes 400 steps and batch 64 takes 100."""
        pruner = make_pruner("median", Direction.MINIMIZE)
        for trial in range(8):
            batch = 16 if trial % 2 else 64
            run(pruner, trial, falling(0.1), {"batch_size": batch}, budget=6400 / batch)
        positions = tuple(20.0 * i for i in range(1, 11))
        verdict = verdict_on(pruner, [3.0] * 10, {"batch_size": 32}, positions=positions)
        assert verdict is not None
        assert verdict.numbers["share"] == pytest.approx(0.1)

    def test_other_lengths_of_batches_are_learned_by_octave(self) -> None:
        pruner = make_pruner("median", Direction.MINIMIZE)
        lengths = {16: 100.0, 64: 70.0}
        for trial in range(8):
            batch = 16 if trial % 2 else 64
            run(pruner, trial, falling(0.1), {"batch_size": batch}, budget=lengths[batch])
        positions = tuple(10.0 * i for i in range(1, 11))
        assert verdict_on(pruner, [2.0] * 9, {"batch_size": 256}, positions=positions) is None
        verdict = verdict_on(pruner, [2.0] * 9, {"batch_size": 20}, positions=positions, trial=100)
        assert verdict is not None


class TestOptunasMedian:
    def test_needs_the_same_step(self) -> None:
        pruner = after_eight("optuna-median")
        assert verdict_on(pruner, [2.0], positions=(0.137,)) is None
        assert verdict_on(pruner, [2.5], positions=(0.3,), trial=100) is not None

    def test_pruned_trials_do_not_count(self) -> None:
        pruner = make_pruner("optuna-median", Direction.MINIMIZE)
        for trial in range(8):
            run(pruner, trial, falling(0.1), outcome=Outcome.PRUNED)
        assert verdict_on(pruner, [9.0] * 9) is None

    def test_its_best_value_so_far_counts(self) -> None:
        assert verdict_on(after_eight("optuna-median"), [0.05, 9.0, 9.0]) is None


def test_percentile_keeps_only_the_best_quarter() -> None:
    pruner = after_eight("percentile:percentile=25")
    assert verdict_on(pruner, falling(0.15)) is None
    assert verdict_on(pruner, falling(0.5), trial=100) is not None


def test_asha_keeps_one_of_three_at_each_rung() -> None:
    pruner = make_pruner("asha:reduction=3,min=10%", Direction.MINIMIZE)
    kept = [verdict_on(pruner, falling(0.1 * (9 - t)), trial=t) is None for t in range(9)]
    assert kept[-1]
    worse = [verdict_on(pruner, [5.0] * 10, trial=t) is None for t in range(10, 20)]
    assert not any(worse)


def test_hyperband_puts_trials_into_brackets_that_begin_at_different_rungs() -> None:
    pruner = make_pruner("hyperband:min=5%", Direction.MINIMIZE)
    rules = set()
    for trial in range(60):
        verdict = verdict_on(pruner, [1.0 + trial] * 9, trial=trial)
        rules.add(verdict.rule if verdict else "")
    assert {"hyperband, bracket 0", "hyperband, bracket 1"} <= rules


class TestPatience:
    def test_ends_without_improvement(self) -> None:
        pruner = make_pruner("patient:patience=3", Direction.MINIMIZE)
        assert verdict_on(pruner, [1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4]) is None
        verdict = verdict_on(pruner, [1.0, 0.9, 0.95, 0.95, 0.95], trial=100)
        assert verdict is not None
        assert verdict.numbers["best"] == 0.9

    def test_may_ask_another_pruner_too(self) -> None:
        pruner = after_eight("patient:patience=3,then=optuna-median")
        assert verdict_on(pruner, [0.01] * 9) is None
        assert verdict_on(pruner, [3.0] * 9, trial=100) is not None


def test_threshold_stops_outside_its_bounds_after_the_warm_up() -> None:
    pruner = make_pruner("threshold:upper=3,warmup=50%", Direction.MINIMIZE)
    assert verdict_on(pruner, [9.0, 9.0, 9.0, 2.0, 2.0, 2.0]) is None
    assert verdict_on(pruner, [2.0, 2.0, 2.0, 2.0, 9.0], trial=100) is not None


class TestWilcoxon:
    def test_stops_a_trial_that_is_worse_on_nearly_every_fold(self) -> None:
        pruner = make_pruner("wilcoxon:p=0.1", Direction.MINIMIZE)
        folds = tuple(float(i) for i in range(10))
        for i, value in enumerate([0.5, 0.9, 0.4, 0.7, 0.6, 0.8, 0.5, 0.9, 0.4, 0.7]):
            pruner.observe(0, {}, folds[i], value)
        pruner.finish(0, Outcome.COMPLETED)
        worse = [0.6, 1.0, 0.55, 0.8, 0.75, 0.9, 0.6]
        verdict = verdict_on(pruner, worse, positions=folds)
        assert verdict is not None
        assert verdict.numbers["against"] == 0

    def test_leaves_a_trial_alone_that_is_worse_on_half_of_them(self) -> None:
        pruner = make_pruner("wilcoxon:p=0.1", Direction.MINIMIZE)
        folds = tuple(float(i) for i in range(8))
        for position in folds:
            pruner.observe(0, {}, position, 0.5)
        pruner.finish(0, Outcome.COMPLETED)
        mixed = [0.45, 0.6, 0.42, 0.57, 0.44, 0.58]
        assert verdict_on(pruner, mixed, positions=folds) is None


class TestDivergence:
    """On beside every pruner, `none` included."""

    def test_an_exploding_loss_has_diverged(self) -> None:
        pruner = make_pruner("none", Direction.MINIMIZE)
        verdict = verdict_on(pruner, [2.0, 1.5, 1.2, 40.0, 90.0, 300.0, 1e4])
        assert verdict is not None
        assert verdict.outcome is Outcome.DIVERGED

    def test_a_training_that_overfits_from_a_low_first_report_has_not_diverged(self) -> None:
        pruner = make_pruner("none", Direction.MINIMIZE)
        assert verdict_on(pruner, [0.24, 0.2, 0.19, 0.3, 0.75, 0.88, 0.88, 0.88]) is None

    def test_worse_than_untrained_after_a_good_start_has_diverged(self) -> None:
        pruner = make_pruner("none", Direction.MINIMIZE)
        verdict = verdict_on(pruner, [2.3, 1.0, 0.5, 7.5, 7.4, 7.2, 7.2])
        assert verdict is not None
        assert verdict.outcome is Outcome.DIVERGED

    @pytest.mark.parametrize(
        "values",
        [
            pytest.param([2.3, 1.0, 0.5, 9.0, 0.5, 0.4, 0.4, 0.4], id="a spike that heals"),
            pytest.param([0.4, 0.3, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6], id="overfitting"),
            pytest.param([9.0, 3.0, 2.0, 1.5, 1.2, 1.1, 1.0], id="a bad start"),
            pytest.param([2.3, 2.6, 2.9, 2.8, 2.5, 2.0, 1.5], id="a warm-up that rises first"),
        ],
    )
    def test_a_training_that_is_not_lost_goes_on(self, values: list[float]) -> None:
        assert verdict_on(make_pruner("none", Direction.MINIMIZE), values) is None

    def test_an_accuracy_that_falls_may_rise_again(self) -> None:
        pruner = make_pruner("none", Direction.MAXIMIZE)
        assert verdict_on(pruner, [0.1, 0.5, 0.8, 0.1, 0.1, 0.1, 0.1]) is None

    def test_may_be_switched_off(self) -> None:
        pruner = make_pruner("none", Direction.MINIMIZE, stop_diverged=False)
        assert verdict_on(pruner, [2.0, 1.5, 1.2, 40.0, 90.0, 300.0, 1e4]) is None

    def test_gradient_norms_that_explode_say_so(self) -> None:
        pruner = make_pruner("none", Direction.MINIMIZE)
        for step, norm in enumerate([1.0, 1.1, 0.9, 1.0, 1e5, math.inf, 1e6], 1):
            pruner.observe(0, {}, step / 10, 1.0)
            pruner.gradient(0, norm)
        verdict = pruner.judge(0)
        assert verdict is not None
        assert verdict.outcome is Outcome.DIVERGED
