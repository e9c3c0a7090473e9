"""Samplers by name: what to try next, from what is known.

points           a sampler is a source of whole points; Optuna's samplers as sources
model_source     the model of `lrsweep.search.model`, alone or in turn with TPE
space_sampler    the first point of a source that may be tried
"""

from __future__ import annotations

from collections.abc import Mapping

from optuna.distributions import BaseDistribution

from lrsweep.search.ceiling import BatchSizeCeiling
from lrsweep.search.curves import Curves
from lrsweep.search.model.encoding import Encoding
from lrsweep.search.samplers.model_source import ModelSource
from lrsweep.search.samplers.optuna_samplers import optuna_sampler
from lrsweep.search.samplers.points import OptunaSource, Source
from lrsweep.search.samplers.space_sampler import Allowed, SpaceSampler
from lrsweep.search.warm import Warm
from lrsweep.settings.methods import SAMPLERS, Method, parse_method
from lrsweep.space import Space

__all__ = ["SpaceSampler", "make_sampler"]


def make_sampler(
    text: str,
    space: Space,
    distributions: Mapping[str, BaseDistribution],
    seed: int,
    ceiling: BatchSizeCeiling | None = None,
    *,
    curves: Curves | None = None,
    prior: Warm | None = None,
    allowed: Allowed = lambda _params: True,
) -> SpaceSampler:
    """The sampler that `text` writes, such as `tpe:startup=20`, proposing only points of `space`.

    It is any sampler but the grid. `distributions` are those of the space by label; `curves` tell a
    model where a pruned trial stood when it was stopped, and `prior` what another study found.
    """
    source = _source(parse_method(text, SAMPLERS), space, distributions, seed, curves, prior)
    ceiling = ceiling or BatchSizeCeiling(space)
    return SpaceSampler(source, space, ceiling, seed, allowed=allowed)


def _source(
    method: Method,
    space: Space,
    distributions: Mapping[str, BaseDistribution],
    seed: int,
    curves: Curves | None,
    prior: Warm | None,
) -> Source:
    encoding = Encoding(space)
    if method.name in ("auto", "gp") and encoding.dimensions:
        startup = method.count("startup")
        if method.name == "gp":
            return ModelSource(encoding, curves, seed, startup=startup, prior=prior)
        tpe = optuna_sampler(parse_method("tpe", SAMPLERS), seed)
        other = OptunaSource(tpe, space, distributions)
        return ModelSource(encoding, curves, seed, startup=startup, other=other, prior=prior)
    if not encoding.dimensions:
        method = parse_method("random", SAMPLERS)
    return OptunaSource(optuna_sampler(method, seed), space, distributions)
