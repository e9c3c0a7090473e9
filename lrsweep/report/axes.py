"""The learning rates of a study's space, as the axes that the landscape is surveyed on."""

from __future__ import annotations

from lrsweep.analysis.diagnosis import NO_DIAGNOSES, Diagnoses
from lrsweep.analysis.landscape import Landscape, survey
from lrsweep.analysis.rates import RateAxis
from lrsweep.space import Choice, Fixed, Parameter, Space
from lrsweep.terms import is_learning_rate
from lrsweep.trial import StudyRows


def landscape(rows: StudyRows, diagnoses: Diagnoses = NO_DIAGNOSES) -> Landscape:
    """What the trials of `rows` support about the learning rates of its space."""
    return survey(rows, rate_axes(Space.parse(rows.space)), diagnoses)


def rate_axes(space: Space) -> tuple[RateAxis, ...]:
    """One axis for each learning rate that is searched; plain `lr` before any other name."""
    axes = [axis for p in space.parameters if (axis := _axis(p)) is not None]
    return tuple(sorted(axes, key=lambda axis: axis.name not in ("lr", "learning_rate")))


def _axis(parameter: Parameter) -> RateAxis | None:
    if not is_learning_rate(parameter.name) or isinstance(parameter, Fixed):
        return None
    when = None if parameter.when is None else (parameter.when.parent, parameter.when.value)
    if isinstance(parameter, Choice):
        values = tuple(float(v) for v in parameter.values if not isinstance(v, bool | str | None))
        if len(values) < 2:
            return None
        low, high, log = min(values), max(values), min(values) > 0
    else:
        values, low, high, log = (), float(parameter.low), float(parameter.high), parameter.log
    return RateAxis(parameter.label, parameter.name, low, high, log, values, when)
