"""The one sampler that a study asks: it tries the first point of its source that is allowed."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from lrsweep.errors import SpaceError
from lrsweep.search.ceiling import BatchSizeCeiling
from lrsweep.search.finite import all_points, point_key
from lrsweep.search.model.encoding import Encoding
from lrsweep.search.samplers.points import Point, Source, fixed_of
from lrsweep.space import Float, Int, Space
from lrsweep.space.values import same_value
from lrsweep.trial import Params, ParamValue

Allowed = Callable[[Params], bool]

# So many points of a source are looked at; then any that is allowed will do.
_LOOKED_AT = 64
_RANDOM = 30_000


class SpaceSampler(BaseSampler):
    """Proposes only points of `space` that may be tried.

    Values are moved to the nearest allowed one: Optuna has no distribution for powers of two; a
    range keeps their order for the model. Batch sizes stay below the ceiling of `device`, where
    the next trial is to run. A point must meet `allowed`, and one of a finite space is proposed
    once. The value that is tried is the value that is recorded.
    """

    def __init__(
        self,
        source: Source,
        space: Space,
        ceiling: BatchSizeCeiling,
        seed: int,
        *,
        allowed: Allowed = lambda _params: True,
    ) -> None:
        self._source = source
        self._space = space
        self._parameters = {p.label: p for p in space.parameters}
        self._ceiling = ceiling
        self._seed = seed
        self._allowed = allowed
        self._finite = all_points(space)
        self._encoding = Encoding(space)
        self._point: Point = {}
        self._proposed: set[Hashable] = set()
        self.device = ""

    def exhausted(self, visited: Callable[[], Iterable[Params]]) -> bool:
        """Whether the space is finite and every allowed point of it has been tried.

        `visited` gives the points, by plain names, that trials of the study have.
        """
        if self._finite is None:
            return False
        tried = {point_key(params) for params in visited()} | self._proposed
        return not self._untried(tried)

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        return {}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        return {}

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        return self._point[param_name]

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """The whole point is chosen here."""
        tried = self._tried(study)
        found: Point | None = None
        for point in islice(self._source.points(study, trial), _LOOKED_AT):
            moved = self._moved(point, fixed_of(trial))
            if self._may_try(moved, tried):
                found = moved
                break
            found = found or moved
        assert found is not None
        if not self._may_try(found, tried):
            found = self._nearest(found, trial, tried) or found
        if not self._allowed(self._plain(found)):
            raise SpaceError(
                f"no point among {_RANDOM} random ones meets the conditions of --where",
                hint="widen the ranges, or loosen the condition",
            )
        self._point = found
        if self._finite is not None:
            self._proposed.add(point_key(self._plain(found)))

    def after_trial(
        self,
        study: Study,
        trial: FrozenTrial,
        state: TrialState,
        values: Sequence[float] | None,
    ) -> None:
        """Sources read the study."""

    def _moved(self, point: Point, fixed: Mapping[str, ParamValue]) -> Point:
        moved: Point = {}
        for label, value in point.items():
            parameter = self._parameters[label]
            if label not in fixed:
                if isinstance(parameter, Float | Int):
                    assert isinstance(value, int | float)
                    value = parameter.snap(value)
                value = self._ceiling.lowered(parameter, value, self.device)
            moved[label] = value
        return moved

    def _may_try(self, point: Point, tried: set[Hashable]) -> bool:
        plain = self._plain(point)
        return point_key(plain) not in tried and self._allowed(plain)

    def _tried(self, study: Study) -> set[Hashable]:
        """The points of a finite space that were tried; failed ones only in this run."""
        if self._finite is None:
            return set()
        trials = study._storage.get_all_trials(study._study_id, deepcopy=False)
        return self._proposed | {
            point_key(self._plain(t.params)) for t in trials if t.state is not TrialState.FAIL
        }

    def _untried(self, tried: set[Hashable]) -> list[Point]:
        return [
            point
            for point in self._finite or ()
            if self._may_try(point, tried) and self._ceiling.allows(self._plain(point), self.device)
        ]

    def _plain(self, point: Mapping[str, ParamValue]) -> Params:
        known = self._parameters
        return {known[label].name: value for label, value in point.items() if label in known}

    def _nearest(self, wanted: Point, trial: FrozenTrial, tried: set[Hashable]) -> Point | None:
        """The allowed point nearest to `wanted`, of all or of many random ones."""
        fixed = fixed_of(trial)
        row = self._encoding.encode(wanted)
        if self._finite is not None:
            rest = [
                point
                for point in self._untried(tried)
                if all(label in point and same_value(point[label], v) for label, v in fixed.items())
            ]
            rows = np.array([self._encoding.encode(point) for point in rest])
        else:
            rng = np.random.default_rng([self._seed, trial.number, 3])
            rows = rng.random((_RANDOM, self._encoding.dimensions))
            rest = []
        if not len(rows):
            return None
        for index in np.argsort(((rows - row) ** 2).sum(axis=1), kind="stable"):
            if rest:
                return rest[int(index)]
            point = self._moved({**self._encoding.decode(rows[index]), **fixed}, fixed)
            if self._may_try(point, tried):
                return point
        return None
