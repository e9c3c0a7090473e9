"""Who takes part: a sampler and a pruner each, by name."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

from optuna.samplers import GPSampler

from benchmarks.search.former import FormerMedian
from lrsweep.search.ceiling import BatchSizeCeiling
from lrsweep.search.curves import Curves
from lrsweep.search.pruners import RulePruner, make_pruner
from lrsweep.search.samplers import SpaceSampler, make_sampler
from lrsweep.search.samplers.points import OptunaSource
from lrsweep.space import Space
from lrsweep.store.distributions import distributions
from lrsweep.trial import Direction

_FORMER = "former"
_OPTUNA_GP = "optuna-gp"


@dataclass(frozen=True, slots=True)
class Contestant:
    """A sampler and a pruner in the grammar of `--sampler` and `--pruner`."""

    name: str
    sampler_text: str
    pruner_text: str

    def pruner(self, direction: Direction) -> RulePruner | FormerMedian:
        if self.pruner_text == _FORMER:
            return FormerMedian(Curves(direction))
        ours = not self.pruner_text.startswith("optuna")
        return make_pruner(self.pruner_text, direction, stop_diverged=ours)

    def sampler(self, space: Space, seed: int, pruner: RulePruner | FormerMedian) -> SpaceSampler:
        labelled = distributions(space)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if self.sampler_text == _OPTUNA_GP:
                gp = GPSampler(seed=seed, deterministic_objective=False)
                source = OptunaSource(gp, space, labelled)
                return SpaceSampler(source, space, BatchSizeCeiling(space), seed)
            return make_sampler(self.sampler_text, space, labelled, seed, curves=pruner.curves)


CONTESTANTS = {
    one.name: one
    for one in (
        Contestant("auto", "auto", "median"),
        Contestant("auto, none", "auto", "none"),
        Contestant("former default", "tpe", _FORMER),
        Contestant("optuna default", "tpe", "optuna-median"),
        Contestant("random", "random", "none"),
        Contestant("tpe, none", "tpe", "none"),
        Contestant("tpe, median", "tpe", "median"),
        Contestant("tpe, hyperband", "tpe", "hyperband"),
        Contestant("random, asha", "random", "asha"),
        Contestant("gp, median", "gp", "median"),
        Contestant("optuna gp, optuna-median", _OPTUNA_GP, "optuna-median"),
        Contestant("optuna gp, former median", _OPTUNA_GP, _FORMER),
        Contestant("qmc, none", "qmc", "none"),
    )
}
