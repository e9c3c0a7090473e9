"""Samplers by name, over a space whose values may lie on a grid of their own."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import (
    BaseSampler,
    CmaEsSampler,
    GPSampler,
    QMCSampler,
    RandomSampler,
    TPESampler,
)
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from lrsweep.search.ceiling import BatchSizeCeiling
from lrsweep.settings.methods import SAMPLERS, Method, parse_method
from lrsweep.space import Float, Int, Space


def make_sampler(
    text: str, space: Space, seed: int, ceiling: BatchSizeCeiling | None = None
) -> SpaceSampler:
    """The sampler that `text` writes, such as `tpe:startup=20`, proposing only values of `space`.

    It is seeded, and is any sampler but the grid.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        sampler = _optuna_sampler(parse_method(text, SAMPLERS), seed)
    return SpaceSampler(sampler, space, ceiling or BatchSizeCeiling(space))


def _optuna_sampler(method: Method, seed: int) -> BaseSampler:
    match method.name:
        case "tpe":
            return TPESampler(seed=seed, n_startup_trials=method.count("startup"))
        case "gp":
            return _gp(seed, method.count("startup"))
        case "qmc":
            return _qmc(seed)
        case "cmaes":
            return _cmaes(seed, method.count("startup"), method.given("sigma"))
        case "random":
            return RandomSampler(seed=seed)
    raise ValueError(f"{method.name} is no sampler")


def _gp(seed: int, startup: int) -> BaseSampler:
    # Parameters that exist under a condition are outside its model; TPE proposes those.
    return GPSampler(
        seed=seed,
        n_startup_trials=startup,
        independent_sampler=TPESampler(seed=seed, n_startup_trials=startup),
        deterministic_objective=False,
    )


def _qmc(seed: int) -> BaseSampler:
    # Unscrambled, Sobol's sequence starts in the corner of the lowest values.
    return QMCSampler(
        seed=seed,
        scramble=True,
        independent_sampler=RandomSampler(seed=seed),
        warn_independent_sampling=False,
    )


def _cmaes(seed: int, startup: int, sigma: float | None) -> BaseSampler:
    # Choices and conditional parameters are outside its model; TPE proposes those.
    return CmaEsSampler(
        seed=seed,
        sigma0=sigma,
        n_startup_trials=startup,
        independent_sampler=TPESampler(seed=seed),
        warn_independent_sampling=False,
        consider_pruned_trials=True,
    )


class SpaceSampler(BaseSampler):
    """Moves what another sampler proposes to the nearest value that may be tried.

    Optuna has no distribution for powers of two; a range keeps their order for the model. Batch
    sizes stay below the ceiling of `device`, where the next trial is to run. The value that is
    tried is the value that is recorded.
    """

    def __init__(self, sampler: BaseSampler, space: Space, ceiling: BatchSizeCeiling) -> None:
        self._sampler = sampler
        self._parameters = {p.label: p for p in space.parameters}
        self._ceiling = ceiling
        self.device = ""

    def reseed_rng(self) -> None:
        self._sampler.reseed_rng()

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        return self._sampler.infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        proposed = self._sampler.sample_relative(study, trial, search_space)
        return {label: self._snapped(label, value) for label, value in proposed.items()}

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        value = self._sampler.sample_independent(study, trial, param_name, param_distribution)
        return self._snapped(param_name, value)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        self._sampler.before_trial(study, trial)

    def after_trial(
        self,
        study: Study,
        trial: FrozenTrial,
        state: TrialState,
        values: Sequence[float] | None,
    ) -> None:
        self._sampler.after_trial(study, trial, state, values)

    def _snapped(self, label: str, value: Any) -> Any:
        parameter = self._parameters[label]
        if isinstance(parameter, Float | Int):
            value = parameter.snap(value)
        return self._ceiling.lowered(parameter, value, self.device)
