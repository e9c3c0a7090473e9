"""A schedule over any torch optimizer, for scripts with a loop of their own."""

import pytest
import torch

from lrsweep.analysis.schedules import Plateau, Schedule, Warmup
from lrsweep.errors import InputError
from lrsweep.train import attach_schedule


def optimizer() -> torch.optim.Optimizer:
    body, head = (torch.nn.Parameter(torch.zeros(1)) for _ in range(2))
    groups = [{"params": [body], "lr": 0.01}, {"params": [head], "lr": 0.1}]
    return torch.optim.AdamW(groups)


def rates(steps: int, schedule: str, **options: object) -> list[list[float]]:
    """The rates of both groups at steps 0 … steps - 1."""
    used = optimizer()
    attached = attach_schedule(used, schedule, steps, **options)  # type: ignore[arg-type]
    found = []
    for _ in range(steps):
        found.append([float(group["lr"]) for group in used.param_groups])
        used.step()
        attached.step()
    return found


def test_groups_keep_the_proportions_of_their_rates() -> None:
    expected = Schedule.parse("cosine").by_step(40, Warmup(steps=10))
    for number, (body, head) in enumerate(rates(40, "cosine", warmup=10)):
        assert head == pytest.approx(0.1 * expected(number))
        assert body == pytest.approx(0.01 * expected(number))


def test_a_plateau_multiplies_what_the_schedule_gives() -> None:
    plateau = Plateau(factor=0.5, patience=0)
    for loss in (1.0, 1.0):
        plateau.observe(loss)
    halved = rates(10, "linear", plateau=plateau)
    assert halved == [[pytest.approx(r / 2) for r in pair] for pair in rates(10, "linear")]


def test_a_spelling_that_is_not_understood_is_refused() -> None:
    with pytest.raises(InputError, match="unknown schedule 'cosin'"):
        attach_schedule(optimizer(), "cosin", 10)
