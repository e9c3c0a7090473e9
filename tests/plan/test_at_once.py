from __future__ import annotations

import pytest

from lrsweep.plan.at_once import useful_jobs
from tests.plan.planner import Planner


@pytest.mark.parametrize(
    ("said", "most"),
    [
        ({"sampler": "tpe", "trials": 20}, 5),
        ({"sampler": "gp:startup=4", "trials": 2}, 1),
        ({"sampler": "random", "trials": 20}, 20),
        ({"sampler": "qmc", "trials": 3}, 3),
        ({"sampler": "grid", "space": ["lr=0.1,0.2,0.3"]}, 3),
    ],
)
def test_no_more_trials_at_once_than_the_search_can_use(
    plan: Planner, said: dict[str, object], most: int
) -> None:
    assert useful_jobs(plan(**said)) == most
