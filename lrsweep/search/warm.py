"""What another study found, as prior knowledge: its points in this space, and how they ranked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lrsweep.search.finite import point_key
from lrsweep.search.model.encoding import Encoding, Floats, usual_rate
from lrsweep.search.model.results import scores
from lrsweep.space import Choice, Fixed, Float, Int, Parameter, Space
from lrsweep.terms import is_batch_size, is_learning_rate, is_optimizer
from lrsweep.trial import Params, ParamValue

# The best points of the other study that are tried first here.
_FIRST = 3
# Optimizers whose usual rate is at least this follow the linear rule of batch sizes.
_LINEAR_FROM = -2.0


@dataclass(frozen=True, slots=True)
class Earlier:
    """A trial of another study: its parameters, and its loss, infinite where it diverged."""

    params: Params
    loss: float


@dataclass(frozen=True, slots=True)
class Warm:
    """Another study's trials in this space: rows with scores for a model, and the best points."""

    rows: Floats
    scores: Floats
    first: tuple[Params, ...]


def warm(earlier: Sequence[Earlier], space: Space) -> Warm:
    """What `earlier` trials say about `space`.

    Values that do not lie in it are left out, and the point keeps the others. Where the batch size
    is fixed here and was another there, the rate is moved by the linear rule for SGD and its kin
    (Goyal et al. 2017), else by the square root (Malladi et al. 2022).
    """
    encoding = Encoding(space)
    moved = [(_moved(one.params, space), one.loss) for one in earlier]
    useful = [(point, loss) for point, loss in moved if point]
    if not useful:
        return Warm(np.zeros((0, encoding.dimensions)), np.zeros(0), ())
    ranked = scores(np.array([loss for _, loss in useful]))
    rows = np.array([encoding.encode(_labelled(point, space)) for point, _ in useful])
    best = sorted((p for p in useful if math.isfinite(p[1])), key=lambda pair: pair[1])
    distinct = {point_key(point): point for point, _ in reversed(best)}
    first = list(reversed(distinct.values()))[:_FIRST]
    return Warm(rows, ranked, tuple(first))


def _moved(params: Params, space: Space) -> Params:
    factor = _batch_factor(params, space)
    point: dict[str, ParamValue] = {}
    for parameter in space.ordered():
        if isinstance(parameter, Fixed) or parameter.name not in params:
            continue
        if parameter.when is not None and not parameter.when.holds({**params, **point}):
            continue
        value = params[parameter.name]
        if is_learning_rate(parameter.name) and isinstance(value, int | float):
            value = value * factor
        if (fitting := _fitting(parameter, value)) is not None:
            point[parameter.name] = fitting
    return point


def _fitting(parameter: Parameter, value: ParamValue) -> ParamValue:
    """`value` as one of the parameter; None where it is none."""
    if isinstance(parameter, Float | Int):
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        inside = parameter.low <= value <= parameter.high
        return parameter.snap(value) if inside else None
    return value if isinstance(parameter, Choice) and parameter.contains(value) else None


def _batch_factor(params: Params, space: Space) -> float:
    here = [p for p in space.parameters if isinstance(p, Fixed) and is_batch_size(p.name)]
    if not here or here[0].name not in params:
        return 1.0
    new, old = here[0].value, params[here[0].name]
    if not isinstance(new, int | float) or not isinstance(old, int | float) or new <= 0 or old <= 0:
        return 1.0
    named = [value for name, value in params.items() if is_optimizer(name)]
    linear = bool(named) and usual_rate(named[0]) >= _LINEAR_FROM
    return float(new / old) if linear else math.sqrt(new / old)


def _labelled(point: Params, space: Space) -> dict[str, ParamValue]:
    return {
        p.label: point[p.name]
        for p in space.parameters
        if p.name in point and (p.when is None or p.when.holds(point))
    }
