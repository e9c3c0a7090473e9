"""The four kinds of parameter under one name."""

from lrsweep.space.choices import Choice, Fixed
from lrsweep.space.ranges import Float, Int

Parameter = Float | Int | Choice | Fixed
