"""The search space: what a sweep varies, written as `lr=1e-5:1`, `optimizer=sgd,adamw`, `epochs=5`.

    names ← values ← condition, spacing ← ranges, choices ← grammar, conditions ← space

    NAME=LOW:HIGH[:log|linear|int|pow2][:step=S][:points=N]      a range
    NAME=a,b,c                                                   a choice
    NAME=value                                                   a fixed value
    NAME@VALUE=…                   exists only where the one choice that has VALUE takes it
    NAME=null                                                    None, or the option left out
    NAME@PARENT=VALUE=…            the same, where several choices have VALUE

Standard library only; every input that is refused raises `lrsweep.errors.SpaceError`.
"""

from lrsweep.space.choices import Choice, Fixed
from lrsweep.space.condition import Condition
from lrsweep.space.parameters import Parameter
from lrsweep.space.ranges import Float, Int
from lrsweep.space.space import Space
from lrsweep.space.values import Kind, format_value

__all__ = [
    "Choice",
    "Condition",
    "Fixed",
    "Float",
    "Int",
    "Kind",
    "Parameter",
    "Space",
    "format_value",
]
