"""A schedule of `lrsweep.analysis.schedules` over a torch optimizer."""

from __future__ import annotations

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

from lrsweep.analysis.schedules import Plateau, Schedule, Warmup


def attach_schedule(
    optimizer: Optimizer,
    schedule: str,
    steps: int,
    *,
    warmup: str | float = 0,
    plateau: Plateau | None = None,
) -> LambdaLR:
    """Multiply the rates of `optimizer` by `schedule`, over `steps` calls of the result's `step()`.

    A `plateau` multiplies as well; tell it the validation loss by `plateau.observe(loss)`. Raises
    `InputError` for a spelling that is not understood.
    """
    by_step = Schedule.parse(schedule).by_step(steps, Warmup.parse(warmup))
    if plateau is None:
        return LambdaLR(optimizer, by_step)
    return LambdaLR(optimizer, lambda number: by_step(number) * plateau.multiplier)
