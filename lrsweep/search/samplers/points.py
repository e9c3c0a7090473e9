"""What every sampler is made of: a source of whole points, of which the first allowed is tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.study import Study
from optuna.trial import FrozenTrial

from lrsweep.space import Space
from lrsweep.trial import ParamValue

Point = dict[str, ParamValue]
FIXED = "fixed_params"


class Source(Protocol):
    """Points for one trial, by label, the preferred first; they need not be allowed."""

    def points(self, study: Study, trial: FrozenTrial) -> Iterator[Point]:
        """Points for `trial`; the values that are fixed for it are in them."""
        ...


def fixed_of(trial: FrozenTrial) -> Mapping[str, ParamValue]:
    """The values that somebody gave for `trial`, by label."""
    fixed: Mapping[str, ParamValue] = trial.system_attrs.get(FIXED, {})
    return fixed


class OptunaSource:
    """The draws of an Optuna sampler: each point is another draw."""

    def __init__(
        self,
        sampler: BaseSampler,
        space: Space,
        distributions: Mapping[str, BaseDistribution],
    ) -> None:
        self._sampler = sampler
        self._space = space
        self._distributions = distributions

    def points(self, study: Study, trial: FrozenTrial) -> Iterator[Point]:
        """Draws for `trial`."""
        self._sampler.before_trial(study, trial)
        while True:
            yield self._draw(study, trial)

    def _draw(self, study: Study, trial: FrozenTrial) -> Point:
        relative = self._sampler.infer_relative_search_space(study, trial)
        point: Point = dict(fixed_of(trial))
        if relative:
            proposed = self._sampler.sample_relative(study, trial, relative)
            point = {**proposed, **point}
        plain: Point = {}
        for parameter in self._space.ordered():
            if parameter not in self._space.active(plain):
                continue
            label = parameter.label
            if label not in point:
                point[label] = self._sampler.sample_independent(
                    study, trial, label, self._distributions[label]
                )
            plain[parameter.name] = point[label]
        active = {p.label for p in self._space.active(plain)}
        return {label: value for label, value in point.items() if label in active}
