"""From a plan and its study to the proposer that searches it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from optuna.distributions import BaseDistribution

from lrsweep.plan import SweepPlan
from lrsweep.search.ceiling import BatchSizeCeiling
from lrsweep.search.curves import Curves
from lrsweep.search.grid import Grid
from lrsweep.search.proposer import Chain, Proposer
from lrsweep.search.sampled import Asked, FirstPoints, Sampled
from lrsweep.search.samplers import make_sampler
from lrsweep.search.seeds import sampler_seed
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
) -> Proposer:
    """The search of `plan`: the points `first`, then the grid or the sampler.

    `curves` are those that the pruner keeps, by which a sampler judges pruned trials. A grid visits
    its own points in order; `first` is then not used.
    """
    if plan.settings.sampler == GRID:
        return Grid(plan.space, study.visited(), ceiling)
    seed = sampler_seed(plan.settings.seed, study.trials)
    sampler = make_sampler(
        plan.settings.sampler, plan.space, study.distributions, seed, ceiling, curves=curves
    )
    sampled = Sampled(plan.settings.sampler, sampler, study, ceiling)
    return Chain(FirstPoints(first, study.visited(), sampled), sampled) if first else sampled
