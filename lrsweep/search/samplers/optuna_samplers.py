"""Optuna's samplers by name, with the arguments that suit a sweep."""

from __future__ import annotations

import warnings

from optuna.exceptions import ExperimentalWarning
from optuna.samplers import (
    BaseSampler,
    CmaEsSampler,
    QMCSampler,
    RandomSampler,
    TPESampler,
)

from lrsweep.settings.methods import Method


def optuna_sampler(method: Method, seed: int) -> BaseSampler:
    """The sampler of Optuna that `method` names."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        return _made(method, seed)


def _made(method: Method, seed: int) -> BaseSampler:
    match method.name:
        case "tpe":
            return TPESampler(seed=seed, n_startup_trials=method.count("startup"))
        case "qmc":
            return _qmc(seed)
        case "cmaes":
            return _cmaes(seed, method.count("startup"), method.given("sigma"))
        case "random":
            return RandomSampler(seed=seed)
    raise ValueError(f"{method.name} is no sampler")


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
