"""Runs that differ in seed alone are one setting, and the best setting is not the luckiest run."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest

from lrsweep.analysis.comparison import may_be_best
from lrsweep.analysis.gain import learned
from lrsweep.analysis.landscape import Landscape, survey
from lrsweep.analysis.rates import RateAxis
from lrsweep.analysis.statements import Finding, statements
from lrsweep.trial import Direction, StudyRows, TrialRow
from tests.report.builder import row, study

LR = RateAxis("lr", "lr", 1e-5, 1.0)


def seeded(results: Mapping[float, tuple[float, ...]], **more: object) -> StudyRows:
    """One trial for each rate and result, each with a seed of its own."""
    runs = [(rate, value) for rate, values in results.items() for value in values]
    trials = [row(i, value, params={"lr": rate, "seed": i}) for i, (rate, value) in enumerate(runs)]
    return study(trials, **more)


def land(rows: StudyRows) -> Landscape:
    return survey(rows, (LR,))


def test_trials_that_differ_in_seed_alone_are_one_setting_with_a_mean() -> None:
    found = land(seeded({0.1: (0.2, 0.3, 0.4), 0.01: (0.5, 0.6, 0.7)}))
    assert [one.cost for one in found.settings] == pytest.approx([0.3, 0.6])
    assert found.winner is found.settings[0]


def test_the_winner_has_the_best_mean_and_not_the_best_run() -> None:
    found = land(seeded({0.1: (0.30, 0.31, 0.29), 0.01: (0.20, 0.50, 0.45)}))
    assert found.best is not None
    assert found.best.params["lr"] == 0.1
    assert found.best.value == 0.30  # the run that shows what the setting usually gives


@pytest.mark.parametrize("seeds", [3, 5, 8])
@pytest.mark.parametrize("noise", [0.01, 0.03])
@pytest.mark.parametrize("direction", list(Direction))
def test_a_noisier_and_worse_rate_seldom_wins(
    seeds: int, noise: float, direction: Direction
) -> None:
    sign, draw, wins = (1 if direction is Direction.MINIMIZE else -1), random.Random(seeds), 0
    for _ in range(500):
        steady = tuple(sign * draw.gauss(1.0, noise) for _ in range(seeds))
        noisy = tuple(sign * draw.gauss(1.01, 5 * noise) for _ in range(seeds))
        winner = land(seeded({0.1: steady, 0.2: noisy}, direction=direction)).winner
        wins += winner is not None and winner.params["lr"] == 0.2
    assert wins <= 60  # a tenth, and what chance adds to it


def test_a_setting_that_sometimes_diverges_does_not_win_by_its_other_runs() -> None:
    inf = float("inf")
    found = land(seeded({0.1: (0.30, 0.31, 0.29), 0.5: (0.25, 0.24, inf), 0.001: (2.3, 2.3)}))
    assert found.winner is not None
    assert found.winner.params["lr"] == 0.1


def test_the_best_setting_stays_in_the_tie_set() -> None:
    draw, kept, sizes = random.Random(0), 0, 0
    for _ in range(400):
        costs = [
            [draw.gauss(mean, sd) for _ in range(5)]
            for mean, sd in ((1.0, 0.03), (1.01, 0.01), (1.02, 0.02), (1.2, 0.02))
        ]
        may = may_be_best(costs, paired=True)
        kept += may[0]
        sizes += sum(may)
    assert kept >= 0.94 * 400
    assert sizes <= 3.2 * 400  # and the one that is far off leaves it


def test_seeds_that_move_all_settings_alike_are_compared_in_pairs() -> None:
    luck = [0.0, 0.3, -0.2, 0.1, 0.25]
    costs = [
        [1.0 + z for z in luck],
        [1.02 + z + e for z, e in zip(luck, (0, 2e-3, 0, -2e-3, 0), strict=True)],
    ]
    assert may_be_best(costs, paired=True) == [True, False]
    assert may_be_best(costs) == [True, True]


def test_equal_results_say_that_the_rate_does_not_reach_the_script() -> None:
    rows = study([row(i, 2.3, params={"lr": 10.0**-i}) for i in range(6)])
    found = land(rows)
    assert not found.recommends
    [nothing] = [s for s in statements(found) if s.kind is Finding.NO_EFFECT]
    assert nothing.sentence == (
        "lr made no difference: all 6 trials ended at 2.3. It seems not to reach the script; "
        "nothing is recommended."
    )
    kinds = {s.kind for s in statements(found)}
    assert kinds.isdisjoint({Finding.EDGE, Finding.BAND, Finding.TIE, Finding.CONFIRM})


def test_a_parameter_beside_one_that_counts_is_said_to_make_no_difference() -> None:
    trials = [
        row(2 * i + j, 0.1 * (i + 1), params={"lr": 10.0**-i, "warmup": warmup})
        for i in range(4)
        for j, warmup in enumerate((0, 100))
    ]
    found = land(study(trials))
    assert found.without_effect == ("warmup",)
    assert found.recommends


def untrained(costs: tuple[float, ...], initial: tuple[float, ...]) -> StudyRows:
    metrics = {i: {"initial_loss": value} for i, value in enumerate(initial)}
    trials = [row(i, cost, params={"lr": 10.0**-i}) for i, cost in enumerate(costs)]
    return study(trials, metrics=metrics)


def test_a_dead_model_has_no_best_rate() -> None:
    found = land(untrained((2.305, 2.301, 2.304, 2.299), (2.303, 2.302, 2.301, 2.3035)))
    assert not found.recommends
    said = {s.kind: s.sentence for s in statements(found)}
    assert "No lr learned: the best val_loss, 2.299, is within chance" in said[Finding.NOT_LEARNED]
    assert Finding.CONFIRM not in said


def test_one_rate_that_learns_is_enough() -> None:
    found = land(untrained((2.305, 2.301, 1.2, 2.31), (2.303, 2.302, 2.301, 2.3035)))
    assert found.recommends
    assert found.gain is not None
    assert found.gain.full == pytest.approx(1.1025, rel=1e-3)
    assert learned({0: 2.0}, {})


def named(statement_of: StudyRows) -> list[str]:
    return [s.kind.value for s in statements(land(statement_of))]


@pytest.mark.parametrize("offset", [0.0, -0.5, -5.0])
def test_an_accuracy_its_error_and_a_shifted_error_get_the_same_statements(offset: float) -> None:
    draw = random.Random(2)
    rates = [10 ** draw.uniform(-5, 0) for _ in range(20)]
    errors = [min(0.9, 0.05 + 0.1 * abs(i % 5 - 2) + draw.gauss(0, 0.004)) for i in range(20)]

    def rows(values: list[float], direction: Direction) -> StudyRows:
        trials: list[TrialRow] = [
            row(i, value, params={"lr": rate})
            for i, (rate, value) in enumerate(zip(rates, values, strict=True))
        ]
        return study(trials, direction=direction)

    error = rows([e + offset for e in errors], Direction.MINIMIZE)
    accuracy = rows([1 - e for e in errors], Direction.MAXIMIZE)
    assert named(error) == named(accuracy)
    best, other = land(error).best, land(accuracy).best
    assert best is not None
    assert other is not None
    assert best.number == other.number
