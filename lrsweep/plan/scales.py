"""Scales: parameters that say how large a run is."""

from __future__ import annotations

from difflib import get_close_matches

from lrsweep.errors import PlanError
from lrsweep.settings import Settings
from lrsweep.space import Choice, Fixed, Parameter, Space
from lrsweep.trial import ParamValue


def check_scales(said: Settings, space: Space) -> None:
    """Raise `PlanError` unless each scale is a parameter with several numbers above zero."""
    if said.scale and said.sampler == "grid":
        raise PlanError(
            "--scale lays trials out itself, and --sampler grid has a layout of its own",
            hint="leave one of them out",
        )
    parameters = {parameter.name: parameter for parameter in space.parameters}
    for name in said.scale:
        if name not in parameters:
            near = get_close_matches(name, list(parameters), n=1)
            raise PlanError(
                f"--scale {name}: there is no such parameter; there are {', '.join(parameters)}",
                hint=f"did you mean {near[0]}?" if near else f"add -s {name}=32,64,128",
            )
        values = _ends(parameters[name])
        if not all(map(_is_scale, values)) or len(set(values)) < 2:
            raise PlanError(
                f"--scale {name}: a scale has several values, each a number above zero",
                hint=f"try -s {name}=32,64,128",
            )


def _ends(parameter: Parameter) -> tuple[ParamValue, ...]:
    if isinstance(parameter, Choice):
        return parameter.values
    if isinstance(parameter, Fixed):
        return (parameter.value,)
    return (parameter.low, parameter.high)


def _is_scale(value: ParamValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0
