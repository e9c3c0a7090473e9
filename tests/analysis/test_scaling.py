"""The exponent of the best rate over the batch size: its interval holds it, or nothing is said."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import pytest

from lrsweep.analysis.landscape import survey
from lrsweep.analysis.rates import RateAxis
from lrsweep.analysis.scaling import Scaling
from lrsweep.analysis.statements import Finding, Statement, statements
from lrsweep.trial import StudyRows, TrialRow
from tests.report.builder import row, study

SIZES = (16, 64, 256)
LR = RateAxis("lr", "lr", 1e-4, 10.0)


def trials(
    exponent: float,
    count: int,
    seed: int,
    sizes: Sequence[int] = SIZES,
    explodes: float = math.inf,
    below: float = math.inf,
    sd: float = 0.05,
) -> StudyRows:
    """Bowls, steeper towards high rates, around a best rate of 0.1 at batch size 64."""
    noise = random.Random(seed)
    found: list[TrialRow] = []
    for size in sizes:
        best = math.log10(0.1) + exponent * math.log10(size / 64)
        for _ in range(count):
            rate = noise.uniform(-4, 1)
            d = rate - best
            loss = 0.1 * (1 + (4 if d > 0 else 1.4) * d * d) * noise.gauss(1, sd)
            if rate < math.log10(below):
                value = math.inf if rate > math.log10(explodes) else loss
                params = {"lr": 10**rate, "batch_size": size}
                found.append(row(len(found), value, params=params))
    return study(found)


def law(rows: StudyRows) -> Scaling | None:
    return next(iter(survey(rows, (LR,)).scalings), None)


def said(rows: StudyRows) -> Statement:
    found = {statement.kind: statement for statement in statements(survey(rows, (LR,)))}
    return found[Finding.SCALING]


@pytest.mark.parametrize("exponent", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("count", [8, 20])
def test_nine_intervals_of_ten_hold_the_exponent(exponent: float, count: int) -> None:
    laws = [found for seed in range(40) if (found := law(trials(exponent, count, seed)))]
    assert len(laws) > 30
    assert sum(one.allows(exponent) for one in laws) >= 0.8 * len(laws)
    assert sum(one.exponent for one in laws) / len(laws) == pytest.approx(exponent, abs=0.15)


def test_few_trials_and_batch_sizes_close_together_say_nothing() -> None:
    assert law(trials(1.0, 2, seed=0)) is None
    assert law(trials(1.0, 40, seed=0, sizes=(64,))) is None
    assert law(trials(1.0, 40, seed=0, sizes=(64, 128))) is None
    assert law(trials(1.0, 40, seed=0, sizes=(32, 128))) is not None


def test_a_best_rate_at_the_end_of_what_was_tried_does_not_count() -> None:
    narrow = RateAxis("lr", "lr", 1e-4, 0.02)
    cut = trials(0.0, 60, seed=0, below=0.02)
    assert not survey(cut, (narrow,)).scalings


def test_trials_that_diverged_show_where_the_rates_end() -> None:
    found = law(trials(0.0, 40, seed=0, explodes=0.12))
    assert found is not None
    assert found.allows(0.0)


@pytest.mark.parametrize(
    ("exponent", "rule"),
    [
        (0.0, "it does not depend on batch_size"),
        (0.5, "the square-root rule fits"),
        (1.0, "the linear rule fits"),
        (2.0, "neither the linear nor the square-root rule"),
    ],
)
def test_the_report_names_the_rule_that_fits(exponent: float, rule: str) -> None:
    sentence = said(trials(exponent, 100, seed=1)).sentence
    assert sentence.endswith(f"90 %): {rule}.")
    assert sentence.startswith("The best lr goes as batch_size to the power")


def test_rules_that_fit_alike_are_not_chosen_between() -> None:
    studies = (trials(0.25, 6, seed, sd=0.2) for seed in range(20))
    unsure = next(one for one in studies if (found := law(one)) and found.rules == (0.0, 0.5))
    sentence = said(unsure).sentence
    assert "this cannot tell 0 from ½ yet; about" in sentence
    assert "more trials at batch_size" in sentence
