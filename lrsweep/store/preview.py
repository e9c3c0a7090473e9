"""What a sampler would propose first, without a database."""

from __future__ import annotations

import optuna
from optuna.samplers import BaseSampler
from optuna.study import StudyDirection

from lrsweep.plan import SweepPlan
from lrsweep.store.asking import ask
from lrsweep.store.memory import StudyMemory
from lrsweep.trial import ParamValue


def preview(plan: SweepPlan, sampler: BaseSampler, count: int) -> list[dict[str, ParamValue]]:
    """The first `count` proposals of `sampler` for a new study of `plan`; writes nothing."""
    memory = StudyMemory(plan.study, StudyDirection[plan.direction.name])
    study = optuna.load_study(study_name=plan.study, storage=memory, sampler=sampler)
    numbers = [ask(study, plan.space, {}) for _ in range(count)]
    by_label = [memory.get_trial(number).params for number in numbers]
    return [
        {p.name: params[p.label] for p in plan.space.parameters if p.label in params}
        for params in by_label
    ]
