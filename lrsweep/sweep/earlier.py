"""The trials of another study that a sweep is to learn from."""

from __future__ import annotations

from lrsweep.errors import PlanError
from lrsweep.plan import SweepPlan
from lrsweep.search.warm import Earlier
from lrsweep.store.read import StudyReader
from lrsweep.trial import Outcome


def earlier_trials(plan: SweepPlan) -> list[Earlier]:
    """The trials of the study that `plan` is to learn from, if any.

    Raises `NotFound` where there is no such study, and `PlanError` where its metric goes the other
    way or it is the study of the plan itself.
    """
    name = plan.settings.warm_from
    if name is None:
        return []
    if name == plan.study:
        raise PlanError(f"--warm-from {name}: this is the study that is to be run")
    with StudyReader(plan.storage) as reader:
        rows = reader.study(name)
    if rows.direction is not plan.direction:
        raise PlanError(f"--warm-from {name}: its {rows.metric} is to {rows.direction}")
    return [
        Earlier(trial.params, rows.direction.sort_key(trial.value))
        for trial in rows.trials
        if trial.outcome is not None and trial.outcome.informs and trial.value is not None
        if trial.outcome is not Outcome.PRUNED
    ]
