"""From a plan and its study to the proposer that searches it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from lrsweep.plan import SweepPlan
from lrsweep.search.ceiling import BatchSizeCeiling
from lrsweep.search.grid import Grid
from lrsweep.search.proposer import Chain, Proposer
from lrsweep.search.sampled import Asked, FirstPoints, Sampled
from lrsweep.search.samplers import make_sampler
from lrsweep.search.seeds import sampler_seed
from lrsweep.trial import Params, ParamValue

GRID = "grid"


class Study(Asked, Protocol):
    """What is there already."""

    @property
    def trials(self) -> int:
        """How many trials the study has."""

    def visited(self) -> list[dict[str, ParamValue]]:
        """The parameters of every trial that did not fail, running and waiting ones included."""


def make_proposer(
    plan: SweepPlan, study: Study, ceiling: BatchSizeCeiling, first: Sequence[Params] = ()
) -> Proposer:
    """The search of `plan`: the points `first`, then the grid or the sampler.

    A grid visits its own points in order; `first` is then not used.
    """
    if plan.settings.sampler == GRID:
        return Grid(plan.space, study.visited(), ceiling)
    seed = sampler_seed(plan.settings.seed, study.trials)
    sampler = make_sampler(plan.settings.sampler, plan.space, seed, ceiling)
    sampled = Sampled(plan.settings.sampler, sampler, study, ceiling)
    return Chain(FirstPoints(first, study.visited(), sampled), sampled) if first else sampled
