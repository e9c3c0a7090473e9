"""Asking an Optuna study for the parameters of a space, conditions respected."""

from __future__ import annotations

import optuna

from lrsweep.space import Space
from lrsweep.store.distributions import distribution
from lrsweep.trial import ParamValue


def ask(study: optuna.Study, space: Space) -> tuple[int, dict[str, ParamValue]]:
    """A new trial of `study`: its number, and its values by plain name."""
    trial = study.ask()
    params: dict[str, ParamValue] = {}
    for parameter in space.ordered():
        if parameter in space.active(params):
            # `suggest_float` and its kin build a distribution from their arguments; ours is built.
            params[parameter.name] = trial._suggest(parameter.label, distribution(parameter))
    return trial.number, params
