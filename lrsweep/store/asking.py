"""Asking an Optuna study for the parameters of a space, conditions respected."""

from __future__ import annotations

import warnings

import optuna

from lrsweep.space import Space
from lrsweep.store.distributions import distribution
from lrsweep.trial import ParamValue


def ask(study: optuna.Study, space: Space) -> tuple[int, dict[str, ParamValue]]:
    """A new trial of `study`: its number, and its values by plain name."""
    trial = study.ask()
    params: dict[str, ParamValue] = {}
    with warnings.catch_warnings():
        # Diverged trials are infinite on purpose, and clipping them is what is wanted.
        warnings.filterwarnings("ignore", "Clip non-finite values")
        for parameter in space.ordered():
            if parameter in space.active(params):
                # `suggest_float` and its kin build a distribution; ours is there already.
                params[parameter.name] = trial._suggest(parameter.label, distribution(parameter))
    return trial.number, params
