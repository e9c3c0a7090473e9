"""What is likely to waste a sweep is said before its first trial."""

from __future__ import annotations

import pytest

from tests.plan.planner import Planner


@pytest.mark.parametrize(
    ("said", "note"),
    [
        ({"space": ["lr=1e-5:1:linear"]}, "lr is searched on a linear scale"),
        ({"space": ["lr=1e-5:1", "seed=1,2,3,4"]}, "seed is searched like any parameter"),
        ({"space": ["lr=1e-5:1", "random_seed=1:9"]}, "random_seed is searched"),
        ({"space": ["opt=sgd,adam", "bs=8,16"]}, "the space has 4 points: each is tried once"),
        (
            {"space": ["lr=1e-5:1", "bs=8,16"], "sampler": "grid", "trials": 3},
            "points: 3 of them, spread evenly, are tried",
        ),
        ({"metric": "train_loss"}, "train_loss is measured on the training set"),
        ({"metric": "train/acc", "direction": "maximize"}, "measured on the training set"),
    ],
)
def test_a_note_says_what_may_not_be_meant(
    plan: Planner, said: dict[str, object], note: str
) -> None:
    assert any(note in remark for remark in plan(**said).remarks)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"space": ["lr=0.1:0.5:linear"]},
        {"space": ["lr=1e-5:1", "seed=3"]},
        {"space": ["opt=sgd,adam"], "trials": 2},
        {"space": ["opt=sgd,adam"], "repeats": 3},
        {"metric": "constraint_loss"},
        {"space": ["lr=1e-5:1"], "sampler": "grid"},
    ],
)
def test_what_is_usual_gets_none(plan: Planner, said: dict[str, object]) -> None:
    assert plan(**said).remarks == ()
