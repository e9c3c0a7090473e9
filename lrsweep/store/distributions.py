"""A parameter of a space as the Optuna distribution that samplers see."""

from __future__ import annotations

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from lrsweep.space import Choice, Fixed, Float, Int, Parameter, Space


def distribution(parameter: Parameter) -> BaseDistribution:
    """The distribution of `parameter`.

    Powers of two are an integer range on a log scale, so that samplers see their order; values are
    rounded to the nearest power when sampled (`lrsweep.search.samplers`).
    """
    match parameter:
        case Float(low=low, high=high, log=log, step=step):
            return FloatDistribution(low, high, log=log, step=None if log else step)
        case Int(low=low, high=high, log=log, pow2=pow2, step=step):
            log = log or pow2
            return IntDistribution(low, high, log=log, step=1 if log else step or 1)
        case Choice(values=values):
            return CategoricalDistribution(values)
        case Fixed(value=value):
            return CategoricalDistribution((value,))


def distributions(space: Space) -> dict[str, BaseDistribution]:
    """The distributions of all parameters of `space`, by label."""
    return {parameter.label: distribution(parameter) for parameter in space.parameters}
