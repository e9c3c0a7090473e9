"""Parameters of trials held against what was seen of their trainings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest

from lrsweep.analysis.broken_loss import BrokenLoss
from lrsweep.analysis.seen import Seen
from lrsweep.analysis.truth import Truth
from lrsweep.trial import Params


def facts(
    *rates: float,
    kind: str = "SGD",
    peak: float | None = None,
    batch: int = 0,
    world: int = 1,
    **settings: Any,
) -> dict[str, Any]:
    """What the observer writes of one optimizer whose groups began with `rates`."""
    one = {
        "name": "optimizer",
        "class": kind,
        "settings": settings,
        "steps": 100,
        "first": list(rates),
        "peak": [peak or rate for rate in rates],
        "last": [0.0 for _ in rates],
        "planned": [],
    }
    sizes = {"loader": batch, "seen": batch, "micro_batches": 1, "step": batch * world}
    return {"optimizers": [one], "batch": sizes if batch else {}, "world": world}


def told(*trials: tuple[Params, Mapping[str, Any]]) -> tuple[list[str], str]:
    """All notes, and the mismatch that there is in the end."""
    truth = Truth()
    notes = [
        note
        for number, (params, seen) in enumerate(trials)
        for note in truth.ended(number, params, Seen.of(seen))
        if not note.startswith("seen in trial 0: ")
    ]
    return notes, truth.mismatch


def test_rates_that_ran_as_asked_are_nothing_to_tell() -> None:
    assert told(({"lr": 0.1}, facts(0.1)), ({"lr": 0.2}, facts(0.2))) == ([], "")


def test_a_rate_that_reaches_nothing_is_certain_after_two_trials() -> None:
    notes, mismatch = told(({"lr": 0.01}, facts(0.001)), ({"lr": 0.1}, facts(0.001)))
    assert notes == ["trial 0: lr=0.01 was passed, and the optimizer ran with 0.001"]
    assert mismatch == (
        "lr does not reach the training: 0.01 and 0.1 were passed,"
        " and the optimizer ran with 0.001 in every trial"
    )


def test_also_where_one_of_them_asked_for_the_very_rate_that_always_runs() -> None:
    assert told(({"lr": 0.001}, facts(0.001)), ({"lr": 0.1}, facts(0.001)))[1]


def test_the_same_rate_asked_for_twice_proves_nothing() -> None:
    assert told(({"lr": 0.01}, facts(0.001)), ({"lr": 0.01}, facts(0.001)))[1] == ""


@pytest.mark.parametrize(
    "seen",
    [
        facts(0.0, peak=0.1),
        facts(0.01, 0.1),
        facts(0.1 * 4, world=4),
        facts(0.1 * 2, world=4),
        facts(0.1 * 128 / 256, batch=128),
    ],
    ids=["a warm-up", "another group", "by processes", "by their root", "by batch size"],
)
def test_a_schedule_and_a_documented_scaling_are_as_asked(seen: Mapping[str, Any]) -> None:
    assert told(({"lr": 0.1}, seen)) == ([], "")


def test_a_rate_that_follows_the_one_asked_for_is_told_but_no_mistake() -> None:
    notes, mismatch = told(({"lr": 0.1}, facts(0.03)), ({"lr": 0.2}, facts(0.06)))
    assert len(notes) == 1
    assert mismatch == ""


def test_rates_of_a_schedules_parts_are_not_compared() -> None:
    params = [{"min_lr": v, "warmup-lr": v} for v in (1e-6, 1e-5)]
    assert told(*((p, facts(0.1)) for p in params)) == ([], "")


def test_an_optimizer_that_is_always_the_same() -> None:
    asked = [{"optimizer": "adam"}, {"optimizer": "sgd"}]
    assert told(*((p, facts(0.1)) for p in asked))[1].startswith("optimizer does not reach")
    seen = [facts(0.1, momentum=0.9), facts(0.1, momentum=0.0)]
    assert told(*zip(asked, seen, strict=True)) == ([], "")


def test_a_batch_size_that_is_always_the_same_is_certain_after_three() -> None:
    trials = [({"batch_size": n}, facts(0.1, batch=32)) for n in (16, 64, 128)]
    notes, mismatch = told(*trials[:2])
    assert notes == ["trial 0: batch_size=16 was passed, and batches of 32 were trained on"]
    assert mismatch == ""
    assert told(*trials)[1].startswith("batch_size does not reach the training: 16 and 64 and 128")
    followed = [({"batch_size": n}, facts(0.1, batch=n // 2, world=2)) for n in (16, 64, 128)]
    assert told(*followed) == ([], "")


@pytest.mark.parametrize(
    "seen", [{}, {"optimizers": "x", "batch": 3}, {"optimizers": [{"first": ["x", None]}, 7]}]
)
def test_facts_of_another_form_are_no_facts(seen: Mapping[str, Any]) -> None:
    assert told(({"lr": 0.1, "batch_size": 3, "optimizer": "sgd"}, seen)) == ([], "")


def test_what_was_seen_in_one_line() -> None:
    seen = Seen.of(facts(0.0, peak=0.02, batch=32, momentum=0.9))
    said = "SGD with momentum 0.9, lr up to 0.02, at the end 0, batches of 32, 100 steps"
    assert seen.sentence == said
    assert Seen.of({"optimizers": [], "backwards": 9}).sentence == "no optimizer was seen"
    assert Seen.of({}).sentence == ""


def broken(*losses: float) -> list[int]:
    """The steps at which a training with these losses is called lost."""
    loss = BrokenLoss()
    return [step for step, value in enumerate(losses, 1) if loss.add(step, value)]


def test_three_losses_that_are_not_finite_end_a_training() -> None:
    assert broken(1.0, math.nan, math.inf, 1.0, math.nan, math.nan) == []
    assert broken(1.0, math.nan, math.inf, math.nan, 2.0) == [4]


def test_a_loss_that_stays_far_above_its_beginning_ends_a_training() -> None:
    assert broken(*[2.0] * 5, *[1900.0] * 50) == []
    assert broken(*[2.0] * 5, *[2100.0] * 19, 1.0) == []
    assert broken(*[2.0] * 5, *[2100.0] * 20) == [25]
    assert broken(*[1e-9] * 5, *[900.0] * 50) == []
