"""Random points of a space."""

from __future__ import annotations

import math
from random import Random

from lrsweep.space.choices import Choice, Fixed
from lrsweep.space.parameters import Parameter
from lrsweep.space.ranges import Float, Int
from lrsweep.space.space import Space
from lrsweep.trial import ParamValue


def draw(space: Space, random: Random) -> dict[str, ParamValue]:
    """A point of `space` by plain names, each parameter uniform on its own scale."""
    point: dict[str, ParamValue] = {}
    for parameter in space.ordered():
        if parameter.when is None or parameter in space.active(point):
            point[parameter.name] = _value(parameter, random)
    return point


def _value(parameter: Parameter, random: Random) -> ParamValue:
    match parameter:
        case Fixed(value=value):
            return value
        case Choice(values=values):
            return random.choice(values)
        case Float(low=low, high=high, log=True):
            return parameter.snap(math.exp(random.uniform(math.log(low), math.log(high))))
        case Float(low=low, high=high):
            return parameter.snap(random.uniform(low, high))
        case Int(low=low, high=high, log=log, pow2=pow2) if log or pow2:
            return parameter.snap(math.exp(random.uniform(math.log(low), math.log(high))))
        case Int(low=low, high=high):
            return parameter.snap(random.uniform(low - 0.5, high + 0.5))
    raise AssertionError("every parameter is one of these")
