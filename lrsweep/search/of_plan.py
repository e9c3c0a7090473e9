"""From a plan and its study to the proposer that searches it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from optuna.distributions import BaseDistribution

from lrsweep.plan import SweepPlan
from lrsweep.plan.comparison import compared
from lrsweep.plan.constraints import meets
from lrsweep.search.ceiling import BatchSizeCeiling
from lrsweep.search.comparing import Comparing
from lrsweep.search.converged import Converged
from lrsweep.search.curves import Curves
from lrsweep.search.grid import GivenPoints, Grid
from lrsweep.search.proposer import Chain, Proposer
from lrsweep.search.repeats import Repeats
from lrsweep.search.sampled import Asked, FirstPoints, Sampled
from lrsweep.search.samplers import make_sampler
from lrsweep.search.scales import ScaleLayout
from lrsweep.search.seeds import sampler_seed
from lrsweep.search.stopping import (
    NoImprovement,
    Stopping,
    StopRule,
    Target,
    TimeBudget,
    TrainingBudget,
)
from lrsweep.search.warm import Earlier, Warm, warm
from lrsweep.settings.settings import read_budget
from lrsweep.trial import Params

GRID = "grid"


class Study(Asked, Protocol):
    """What is there already."""

    @property
    def distributions(self) -> Mapping[str, BaseDistribution]:
        """The parameters of the space, by label, as Optuna's samplers see them."""

    @property
    def trials(self) -> int:
        """How many trials the study has."""


def make_proposer(
    plan: SweepPlan,
    study: Study,
    ceiling: BatchSizeCeiling,
    first: Sequence[Params] = (),
    curves: Curves | None = None,
    earlier: Sequence[Earlier] = (),
) -> Proposer:
    """The search of `plan`: its first points and those of `first`, then the grid or the sampler.

    `curves` are those that the pruner keeps, by which a sampler judges pruned trials, and `earlier`
    are trials of another study: the best are tried first, and a model learns from all. What the
    plan says of repeats and of reasons to end early stands around that.
    """
    curves = Curves(plan.direction) if curves is None else curves
    prior = warm(earlier, plan.space)
    points = [p for p in prior.first if meets(p, plan.where)]
    proposer = _search(plan, study, ceiling, (*plan.first, *first, *points), curves, prior)
    if plan.settings.repeats > 1:
        proposer = Repeats(proposer, plan.settings.repeats, study.visited())
    rules = stop_rules(plan, curves)
    return Stopping(proposer, rules) if rules else proposer


def _search(
    plan: SweepPlan,
    study: Study,
    ceiling: BatchSizeCeiling,
    first: Sequence[Params],
    curves: Curves,
    prior: Warm,
) -> Proposer:
    def allowed(params: Params) -> bool:
        return meets(params, plan.where)

    settings, visited = plan.settings, study.visited()
    if settings.sampler == GRID:
        grid = Grid(plan.space, visited, ceiling, allowed, trials=plan.trials)
        whole = [p for p in first if set(p) >= {each.name for each in plan.space.active(p)}]
        return Chain(GivenPoints(whole, visited), grid) if whole else grid
    sampler = make_sampler(
        settings.sampler,
        plan.space,
        study.distributions,
        sampler_seed(settings.seed, study.trials),
        ceiling,
        curves=curves,
        prior=prior,
        allowed=allowed,
    )
    sampled = Sampled(settings.sampler, sampler, study, ceiling)
    search: Proposer = sampled
    if settings.scale:
        names, seed = settings.scale, sampler_seed(settings.seed, study.trials)
        search = ScaleLayout(plan.space, names, sampled, plan.direction, visited, seed)
    elif settings.compare is not None:
        choice = compared(settings.compare, plan.space)
        search = Comparing(choice.name, choice.values, sampled, visited)
    return Chain(FirstPoints(first, visited, sampled), search) if first else search


def stop_rules(plan: SweepPlan, curves: Curves) -> list[StopRule]:
    """Why the search of `plan` may end before its trials are used up."""
    settings, rules = plan.settings, list[StopRule]()
    if settings.target_value is not None:
        rules.append(Target(settings.target_value, plan.direction))
    if settings.stop_after is not None:
        rules.append(NoImprovement(settings.stop_after, plan.direction, curves))
    if settings.budget is not None:
        rules.append(_budget(settings.budget, settings.gpus_per_trial, curves))
    if settings.stop_converged:
        rules.append(Converged(plan.space, plan.direction))
    return rules


def _budget(text: str, devices: int, curves: Curves) -> StopRule:
    amount, unit = read_budget(text)
    if unit == "trainings":
        return TrainingBudget(amount, curves)
    return TimeBudget(amount, text, devices if unit == "gpu" else 1)
