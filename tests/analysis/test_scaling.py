"""The exponent of the best rate over the batch size: its interval holds it, or nothing is said."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import pytest

from lrsweep.analysis.landscape import survey
from lrsweep.analysis.rates import RateAxis
from lrsweep.analysis.scaling import Point, scaling
from lrsweep.analysis.statements import Finding, statements
from lrsweep.trial import Outcome
from tests.report.builder import row, study

SIZES = (16, 64, 256)
LOW, HIGH = math.log(1e-4), math.log(10)


def trials(
    exponent: float, count: int, seed: int, sizes: Sequence[int] = SIZES
) -> dict[float, list[Point]]:
    """Bowls, steeper towards high rates, around a best rate of 0.1 at batch size 64."""
    noise = random.Random(seed)
    found: dict[float, list[Point]] = {}
    for size in sizes:
        best = math.log(0.1) + exponent * math.log(size / 64)
        rates = [noise.uniform(LOW, HIGH) for _ in range(count)]
        off = [(rate - best) / math.log(10) for rate in rates]
        values = [0.1 * (1 + (4 if d > 0 else 1.4) * d * d) * noise.gauss(1, 0.05) for d in off]
        found[size] = list(zip(rates, values, strict=True))
    return found


@pytest.mark.parametrize("exponent", [0.0, 0.5, 1.0])
def test_nine_intervals_of_ten_hold_the_exponent(exponent: float) -> None:
    laws = [law for seed in range(30) if (law := scaling("", trials(exponent, 16, seed)))]
    assert len(laws) > 20
    assert sum(law.allows(exponent) for law in laws) >= 0.8 * len(laws)
    assert sum(law.exponent for law in laws) / len(laws) == pytest.approx(exponent, abs=0.15)


def test_few_trials_and_batch_sizes_close_together_say_nothing() -> None:
    assert scaling("", trials(1.0, 4, seed=0)) is None
    assert scaling("", trials(1.0, 40, seed=0, sizes=(64,))) is None
    assert scaling("", trials(1.0, 40, seed=0, sizes=(64, 128))) is None
    assert scaling("", trials(1.0, 40, seed=0, sizes=(32, 128))) is not None


def test_a_best_rate_at_the_end_of_what_was_tried_does_not_count() -> None:
    cut = {
        size: [point for point in points if point[0] < math.log(0.02)]
        for size, points in trials(0.0, 60, seed=0).items()
    }
    assert scaling("", cut) is None


def test_trials_that_diverged_show_where_the_rates_end() -> None:
    exploding = {
        size: [(rate, math.inf if rate > math.log(0.1) else value) for rate, value in points]
        for size, points in trials(0.0, 40, seed=0).items()
    }
    law = scaling("", exploding)
    assert law is not None
    assert law.allows(0.0)


@pytest.mark.parametrize(
    ("exponent", "said"),
    [
        (0.0, "it may not depend on batch_size at all"),
        (0.5, "the square-root rule fits"),
        (1.0, "the linear rule fits"),
        (2.0, "neither the linear nor the square-root rule"),
    ],
)
def test_the_report_names_the_rule_that_fits(exponent: float, said: str) -> None:
    done = [
        row(number, value, Outcome.COMPLETED, params={"lr": math.exp(rate), "batch_size": size})
        for number, (size, rate, value) in enumerate(
            (int(size), rate, value)
            for size, points in trials(exponent, 100, seed=1).items()
            for rate, value in points
        )
    ]
    land = survey(study(done), (RateAxis("lr", "lr", 1e-4, 10.0),))
    found = {statement.kind: statement for statement in statements(land)}
    assert found[Finding.SCALING].sentence.endswith(f"90 %): {said}.")
    assert found[Finding.SCALING].sentence.startswith("The best lr goes as batch_size to the power")
