"""What a sweep would do first, and whether it could run; writes and starts nothing."""

from __future__ import annotations

from lrsweep.executors.of_plan import possible_slots
from lrsweep.jobs.build import make_job
from lrsweep.jobs.capturing import capture_of
from lrsweep.plan import SweepPlan
from lrsweep.search.finite import all_points
from lrsweep.search.samplers import make_sampler
from lrsweep.search.seeds import sampler_seed, trial_seed
from lrsweep.store.distributions import distributions
from lrsweep.store.opening import check_study
from lrsweep.store.preview import preview
from lrsweep.sweep.earlier import earlier_trials
from lrsweep.trial import Attempt, Job, Slot, TrialKey


def check_sweep(plan: SweepPlan) -> list[Slot]:
    """The slots that `plan` gets on this machine; writes nothing.

    Raises `PlanError` where it cannot have them or its database cannot be used, and
    `StudyMismatch` where its study exists and was made with other settings.
    """
    check_study(plan)
    earlier_trials(plan)
    capture_of(plan)
    return possible_slots(plan)


def first_commands(plan: SweepPlan, count: int) -> list[tuple[str, ...]]:
    """The commands of the first `count` trials of a new study of `plan`."""
    return [job.argv for job in first_jobs(plan, count)]


def first_jobs(plan: SweepPlan, count: int) -> list[Job]:
    """The first `count` trials of a new study of `plan`; writes and starts nothing."""
    if plan.settings.sampler == "grid":
        points = [params for params, _ in zip(plan.space.grid(), range(count), strict=False)]
    else:
        sampler = make_sampler(
            plan.settings.sampler,
            plan.space,
            distributions(plan.space),
            sampler_seed(plan.settings.seed, 0),
        )
        finite = all_points(plan.space)
        most = count if finite is None else min(count, len(finite))
        points = preview(plan, sampler, min(most, plan.trials or most))
    slot = possible_slots(plan)[0]
    attempts = [Attempt(TrialKey(number, 1), params) for number, params in enumerate(points)]
    return [
        make_job(plan, attempt, slot, trial_seed(plan.settings.seed, attempt.key.trial))
        for attempt in attempts
    ]
