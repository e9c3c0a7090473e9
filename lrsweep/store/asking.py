"""Asking an Optuna study for the parameters of a space, conditions respected."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import optuna
from optuna.trial import Trial

from lrsweep.space import Space
from lrsweep.store.distributions import distribution
from lrsweep.trial import ParamValue


def ask(study: optuna.Study, space: Space, fixed: Mapping[str, ParamValue]) -> int:
    """The number of a new trial of `study`, with the values `fixed` by label.

    Trials that wait in Optuna's queue are left there.
    """
    storage = study._storage
    number: int = storage.create_new_trial(study._study_id)
    if fixed:
        storage.set_trial_system_attr(number, "fixed_params", dict(fixed))
    complete(study, space, number)
    return number


def complete(study: optuna.Study, space: Space, number: int) -> None:
    """Have the study's sampler choose what trial `number` of it has no value for."""
    params: dict[str, ParamValue] = {}
    with warnings.catch_warnings():
        # Diverged trials are infinite on purpose, and clipping them is what is wanted.
        warnings.filterwarnings("ignore", "Clip non-finite values")
        study._thread_local.cached_all_trials = None  # as Optuna's own `ask` does
        trial = Trial(study, number)
        for parameter in space.ordered():
            if parameter in space.active(params):
                # `suggest_float` and its kin build a distribution; ours is there already.
                params[parameter.name] = trial._suggest(parameter.label, distribution(parameter))
