"""What a report may claim about the learning rate, and what it must not."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest

from lrsweep.analysis.landscape import Landscape, survey
from lrsweep.analysis.quantiles import student_t
from lrsweep.analysis.rates import RateAxis, Side
from lrsweep.analysis.statements import Finding, Statement, statements
from lrsweep.trial import Direction, Outcome, StudyRows, TrialRow
from tests.report.builder import bowl, grid_study, mixed_study, row, study

LR = RateAxis("lr", "lr", 1e-5, 1.0)


def found(rows: StudyRows, *axes: RateAxis) -> dict[Finding, Statement]:
    return {s.kind: s for s in statements(survey(rows, axes or (LR,)))}


def noisy(
    loss: Callable[[float], float], draw: random.Random, sd: float
) -> Callable[[float], float]:
    return lambda lr: loss(lr) * draw.gauss(1, sd)


def accuracy(best: float) -> Callable[[float], float]:
    return lambda lr: -bowl(best)(lr)


def spread(low: float, high: float, count: int) -> list[float]:
    return [low * (high / low) ** (i / (count - 1)) for i in range(count)]


# -- the best, and what ties with it ------------------------------------------------------------


def test_trials_within_one_percent_are_called_a_tie() -> None:
    rows = study([row(0, 0.100), row(1, 0.1009, params={"lr": 0.2}), row(2, 0.5, params={"lr": 1})])
    tie = found(rows)[Finding.TIE]
    assert "Trial 1 is within 1 % of the gain of the best, trial 0" in tie.sentence
    assert tie.numbers["tolerance"] == pytest.approx(0.002, rel=0.01)


def test_a_lead_without_repeats_admits_that_chance_was_not_measured() -> None:
    lead = found(grid_study(spread(1e-5, 1, 11), bowl(0.01)))[Finding.LEAD]
    assert "was not measured" in lead.sentence


def repeated(step: float, seeds_shared: bool = False) -> StudyRows:
    """Two rates, each run with four seeds; the means lie `step` apart, the runs ±0.01 around."""
    noise = ((-0.01, 0.01, -0.005, 0.005), (0.01, -0.005, -0.01, 0.005))
    trials = [
        row(
            4 * i + run,
            0.1 + step * i + noise[i][run],
            params={"lr": lr, "seed": run if seeds_shared else 4 * i + run},
        )
        for i, lr in enumerate((0.1, 0.01))
        for run in range(4)
    ]
    return study(trials)


def test_repeats_decide_what_a_tie_is() -> None:
    assert found(repeated(step=0.005))[Finding.TIE].numbers["tied"] == 1
    apart = found(repeated(step=0.2))
    assert Finding.TIE not in apart
    assert "8 runs" not in apart[Finding.LEAD].sentence  # the bad setting's noise is left out
    assert "4 runs of 1 setting" in apart[Finding.LEAD].sentence


def test_shared_seeds_name_the_settings_that_may_be_best() -> None:
    tie = found(repeated(step=0.005, seeds_shared=True))[Finding.TIE]
    assert tie.sentence == (
        "2 settings ran 4 shared seeds: lr=0.1 (0.1) and lr=0.01 (0.105) cannot be told apart "
        "(95 %)."
    )
    apart = found(repeated(step=0.2, seeds_shared=True))
    assert "lr=0.1 is best, val_loss 0.1 on average" in apart[Finding.LEAD].sentence
    assert Finding.CONFIRM not in apart


def test_until_the_best_ran_again_the_report_ends_with_the_line_that_does_it() -> None:
    last = statements(survey(grid_study(spread(1e-5, 1, 11), bowl(0.01)), (LR,)))[-1]
    assert last.kind is Finding.CONFIRM
    assert last.copy == "lrsweep confirm digits --top 3 --seeds 5"


def test_the_best_setting_shows_all_its_runs() -> None:
    repeats = found(repeated(step=0.2))[Finding.REPEATS]
    assert repeats.sentence == "The best setting ran 4 times: val_loss 0.09 … 0.11, mean 0.1."


@pytest.mark.parametrize(("degrees", "table"), [(3, 3.182), (5, 2.571), (10, 2.228), (100, 1.984)])
def test_student_t_matches_the_printed_table(degrees: int, table: float) -> None:
    assert student_t(0.975, degrees) == pytest.approx(table, rel=0.01)


# -- the edge of the space ----------------------------------------------------------------------


def test_a_space_that_ends_below_the_best_rate_is_to_be_widened_upward() -> None:
    narrow = RateAxis("lr", "lr", 1e-4, 1e-2)
    draw = random.Random(0)
    rates = [10 ** draw.uniform(-4, -2) for _ in range(24)]
    edge = found(grid_study(rates, bowl(0.5)), narrow)[Finding.EDGE]
    assert "upper edge of the space or beyond (0.0001 … 0.01)" in edge.sentence
    assert edge.copy == "lr=0.0001:0.1"


def test_a_best_rate_at_the_low_end_is_to_be_widened_downward() -> None:
    edge = found(grid_study(spread(1e-5, 1, 6), bowl(1e-7)))[Finding.EDGE]
    assert edge.copy == "lr=1e-06:1"


def test_a_best_rate_inside_the_space_raises_no_edge() -> None:
    assert Finding.EDGE not in found(grid_study(spread(1e-5, 1, 11), bowl(0.01)))


def test_an_edge_beyond_which_training_diverges_is_not_the_space_s() -> None:
    rows = grid_study([1e-3, 1e-2, 1e-1, 0.9, 0.95], bowl(0.9, explodes=0.93))
    assert rows.best is not None
    assert rows.best.params["lr"] == 0.9
    assert Finding.EDGE not in found(rows)


def test_listed_rates_are_widened_by_one_more_of_the_same_step() -> None:
    listed = RateAxis("lr", "lr", 0.003, 0.03, values=(0.003, 0.01, 0.03))
    edge = found(grid_study(listed.values, bowl(1.0)), listed)[Finding.EDGE]
    assert edge.copy == "lr=0.003,0.01,0.03,0.09"


def test_a_linear_range_stays_linear_and_never_goes_below_zero() -> None:
    assert RateAxis("lr", "lr", 0.1, 0.5, log=False).widened(Side.UPPER) == "lr=0.1:0.9:linear"
    assert RateAxis("lr", "lr", 0.1, 0.5, log=False).widened(Side.LOWER) == "lr=0.01:0.5:linear"


def test_conditional_rates_have_edges_of_their_own() -> None:
    sgd = RateAxis("lr@sgd", "lr", 1e-3, 1e-1, when=("optimizer", "sgd"))
    adamw = RateAxis("lr@adamw", "lr", 1e-5, 1e-1, when=("optimizer", "adamw"))
    trials = [
        row(i, bowl(best)(lr), params={"lr": lr, "optimizer": name})
        for i, (name, best, lr) in enumerate(
            [("sgd", 0.5, lr) for lr in spread(1e-3, 1e-1, 5)]
            + [("adamw", 0.003, lr) for lr in spread(1e-5, 1e-1, 9)]
        )
    ]
    edge = found(study(trials), sgd, adamw)[Finding.EDGE]
    assert edge.sentence.startswith("With sgd the best lr lies at the upper edge")
    assert edge.copy == "lr@sgd=0.001:1"


def test_one_batch_size_says_nothing_of_the_edge_of_another() -> None:
    """The only trial of 32 is better than all others: it had twice as many steps."""
    trials = [
        row(i, -60 + 5 * abs(math.log10(lr) + 1), params={"lr": lr, "batch_size": 64})
        for i, lr in enumerate(spread(1e-4, 1, 12))
    ]
    lone = row(12, -85 + 15, params={"lr": 1e-4, "batch_size": 32})
    assert Finding.EDGE not in found(study([*trials, lone]), RateAxis("lr", "lr", 1e-4, 1))


def test_an_end_beside_which_nothing_was_tried_is_no_edge() -> None:
    rows = grid_study(spread(1e-4, 0.1, 9), bowl(0.2))
    said = found(rows, RateAxis("lr", "lr", 1e-4, 1.0))
    assert Finding.EDGE not in said
    assert float(said[Finding.RATE].numbers["high"]) <= 1.0


def test_a_batch_size_whose_best_rate_is_at_the_edge_is_named() -> None:
    trials = [
        row(10 * i + j, bowl(best)(lr), params={"lr": lr, "batch_size": size})
        for i, (size, best) in enumerate(((16, 0.01), (256, 2.0)))
        for j, lr in enumerate(spread(1e-4, 1e-1, 10))
    ]
    edge = found(study(trials), RateAxis("lr", "lr", 1e-4, 1e-1))[Finding.EDGE]
    assert edge.sentence.startswith("With batch_size 256 the best lr")


@pytest.mark.parametrize("count", [10, 30, 60])
def test_where_nothing_differs_there_is_no_edge_and_no_band(count: int) -> None:
    edges = flat = 0
    for seed in range(40):
        draw = random.Random(seed)
        rows = grid_study(
            [10 ** draw.uniform(-5, 0) for _ in range(count)],
            noisy(lambda _: 2.3, draw, 0.01),
        )
        said = found(rows)
        edges += Finding.EDGE in said
        flat += Finding.FLAT in said
    assert edges <= 3
    assert flat >= 35


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("sign", [1, -1])
def test_an_optimum_outside_is_seen_and_a_central_one_is_not_called_so(
    side: int, sign: int
) -> None:
    outside = central = 0
    for seed in range(40):
        draw = random.Random(seed)
        rates = [10 ** draw.uniform(-4, -1) for _ in range(30)]
        direction = Direction.MINIMIZE if sign > 0 else Direction.MAXIMIZE
        for best in (10 ** (-2.5 + side * 2.1), 10**-2.5):
            rows = grid_study(
                rates,
                noisy(bowl(best) if sign > 0 else accuracy(best), draw, 0.05),
                direction=direction,
            )
            edge = Finding.EDGE in found(rows, RateAxis("lr", "lr", 1e-4, 1e-1))
            if best == 10**-2.5:
                central += edge
            else:
                outside += edge
    assert outside >= 38
    assert central <= 2


# -- how wide the good rates lie ----------------------------------------------------------------


def test_the_best_rate_has_an_interval_that_holds_the_truth() -> None:
    held = 0
    for seed in range(60):
        draw = random.Random(seed)
        rates = [10 ** draw.uniform(-5, 0) for _ in range(20)]
        rows = grid_study(rates, noisy(bowl(0.01), draw, 0.05))
        rate = found(rows)[Finding.RATE].numbers
        held += float(rate["low"]) <= 0.01 <= float(rate["high"])
    assert held >= 50


def test_the_bands_tell_what_a_rate_beside_the_best_costs() -> None:
    said = found(grid_study(spread(1e-4, 1, 41), bowl(1e-2)))
    band, gain = said[Finding.BAND].numbers, 0.3 * 4  # the lowest rate, two decades off
    for share in (0.01, 0.05):
        far = math.sqrt(share * gain / 0.3)
        assert float(band[f"{100 * share:.0f} % low"]) == pytest.approx(10 ** (-2 - far), rel=0.3)
        assert float(band[f"{100 * share:.0f} % high"]) == pytest.approx(10 ** (-2 + far), rel=0.3)
    below = float(said[Finding.SENSITIVITY].numbers["too_low"])
    assert below == pytest.approx(0.3 * math.log10(3) ** 2, rel=0.3)


def test_the_trials_that_would_narrow_a_wide_interval_are_named() -> None:
    rates = [*spread(1e-5, 1e-4, 4), *spread(0.2, 1.0, 4)]
    rate = found(grid_study(rates, noisy(bowl(5e-3), random.Random(1), 0.1)))[Finding.RATE]
    assert "would narrow that" in rate.sentence
    assert rate.copy.startswith("lr=")


def test_few_trials_name_the_rates_that_would_tell_more() -> None:
    few = found(grid_study([1e-4, 1e-2, 1.0], bowl(0.01)))[Finding.TOO_FEW]
    assert few.sentence.endswith(
        "how wide the good range is; lr 0.001, 0.0033, 0.03 and 0.1 would tell."
    )
    assert few.copy == "lr=0.001,0.0033,0.03,0.1"


def test_a_lucky_run_far_off_does_not_win_over_a_smooth_landscape() -> None:
    draw, off = random.Random(3), []
    for _ in range(60):
        rates = [10 ** draw.uniform(-5, 0) for _ in range(30)]
        rows = grid_study(rates, noisy(bowl(0.01), draw, 0.15))
        best, lucky = survey(rows, (LR,)).best, rows.best
        assert best is not None
        assert lucky is not None
        off.append([abs(math.log10(float(one.params["lr"] or 1)) + 2) for one in (best, lucky)])
    mean = [sum(pair[i] for pair in off) / len(off) for i in (0, 1)]
    assert mean[0] < mean[1]


def test_five_trials_are_too_few_for_a_band() -> None:
    few = found(grid_study(spread(1e-5, 1, 5), bowl(0.01)))
    assert few[Finding.TOO_FEW].sentence.startswith("5 completed trials: too few to say")
    assert Finding.BAND not in few
    assert Finding.LEAD not in few


def test_more_parameters_need_more_trials() -> None:
    few = found(mixed_study(12))[Finding.TOO_FEW]
    assert "over 3 parameters" in few.sentence


# -- divergence ---------------------------------------------------------------------------------


def test_divergence_names_the_rate_from_which_every_trial_diverged() -> None:
    rows = grid_study([1e-3, 1e-2, 1e-1, 0.5, 1.0], bowl(0.1, explodes=0.4))
    assert found(rows)[Finding.DIVERGED].sentence == (
        "2 of 5 trials diverged (40 %): all from lr 0.5 up, none up to 0.1."
    )


def test_divergence_that_chance_decides_gives_both_rates() -> None:
    losses = {1e-3: 0.2, 1e-2: math.inf, 1e-1: 0.1, 1.0: math.inf}
    sentence = found(grid_study(list(losses), losses.__getitem__))[Finding.DIVERGED].sentence
    assert "some from lr 0.01, all from 1 up" in sentence


def test_divergence_is_told_by_optimizer() -> None:
    sentence = found(mixed_study(200))[Finding.DIVERGED].sentence
    assert "with adamw all from lr 0.165 up" in sentence


def test_crashed_trials_are_no_part_of_the_share_that_diverged() -> None:
    rows = study([row(0, 0.1), row(1, math.inf), row(2, None, Outcome.CRASHED)])
    assert found(rows)[Finding.DIVERGED].numbers["trained"] == 2


def test_when_every_trial_diverges_the_range_is_to_be_lowered() -> None:
    only = found(grid_study([0.1, 0.2, 0.5], lambda _: math.inf))
    assert list(only) == [Finding.ALL_DIVERGED]
    assert only[Finding.ALL_DIVERGED].copy == "lr=0.0001:0.1"


def test_memory_names_the_smallest_batch_that_failed() -> None:
    trials = [
        row(i, math.inf, Outcome.OUT_OF_MEMORY, params={"lr": 0.1, "batch_size": size})
        for i, size in enumerate((4096, 2048))
    ]
    sentence = found(study([*trials, row(2, 0.1)]))[Finding.OUT_OF_MEMORY].sentence
    assert sentence == "2 trials ran out of memory, from batch_size 2048 up."


# -- other shapes of study ----------------------------------------------------------------------


def test_maximizing_turns_better_around() -> None:
    accuracy = bowl(0.01)
    rows = grid_study(
        spread(1e-5, 1, 11),
        lambda lr: 1 - accuracy(lr) / 10,
        metric="val_accuracy",
        direction=Direction.MAXIMIZE,
    )
    land = survey(rows, (LR,))
    assert land.best is not None
    assert land.best.params["lr"] == pytest.approx(0.01)
    assert not land.edges


def test_nothing_has_ended() -> None:
    assert found(study([]))[Finding.NOTHING].sentence == "No trial has ended yet."
    waiting = study([TrialRow(0, None, {"lr": 0.1}, None)])
    assert Finding.NOTHING in found(waiting)


def test_nothing_completed_says_how_trials_ended() -> None:
    rows = study([row(0, None, Outcome.CRASHED), row(1, None, Outcome.TIMED_OUT)])
    sentence = found(rows)[Finding.NOTHING].sentence
    assert sentence == "No trial completed with a finite val_loss: 1 crashed and 1 timed out."


def test_a_study_without_a_learning_rate_still_has_a_best_and_ties() -> None:
    rows = study([row(i, 0.1, params={"width": i}) for i in range(8)])
    land = survey(rows, ())
    assert {s.kind for s in statements(land)} == {
        Finding.NO_EFFECT,
        Finding.TIE,
        Finding.CONFIRM,
    }


def groups_of(land: Landscape) -> dict[str, float | None]:
    return {group.label: group.rate for group in land.groups}


def test_each_optimizer_and_batch_size_has_its_own_best_rate() -> None:
    best = groups_of(survey(mixed_study(300), (LR,)))
    assert set(best) == {f"{o}, {b}" for o in ("adamw", "sgd") for b in (16, 64, 256)}
    for label, rate in best.items():
        assert rate is not None
        assert rate == pytest.approx(0.5 if label.startswith("sgd") else 0.004, rel=0.5)


def test_batch_sizes_drawn_from_a_range_are_gathered_by_powers_of_two() -> None:
    trials = [row(i, 0.1, params={"lr": 0.1, "batch_size": 10 + i}) for i in range(60)]
    assert set(groups_of(survey(study(trials), (LR,)))) == {"8", "16", "32", "64"}


def test_without_optimizers_to_compare_the_first_choice_among_texts_says_what_kind_it_is() -> None:
    trials = [
        row(
            i,
            1 + i / 100,
            params={"lr": rate, "rank": 8 * (i % 2), "method": ("full", "lora")[i % 2]},
        )
        for i, rate in enumerate(spread(0.01, 0.1, 12))
    ]
    land = survey(study(trials), (LR,))
    assert land.kind == "method"
    assert list(groups_of(land)) == ["full", "lora"]
