"""How many trials at once a search can use."""

from __future__ import annotations

import math

from lrsweep.plan.model import SweepPlan

# These propose without having seen results; all others learn from the trials before.
_LEARN_NOTHING = ("grid", "random", "qmc")
# A search that learns gets at least so many looks at what has ended.
_ROUNDS = 4


def useful_jobs(plan: SweepPlan) -> int:
    """The most trials that are worth running at once, whatever the machine has."""
    points = plan.space.grid_size() if plan.trials is None else plan.trials
    if plan.settings.sampler.partition(":")[0] in _LEARN_NOTHING:
        return max(1, points)
    return max(1, math.ceil(points / _ROUNDS))
