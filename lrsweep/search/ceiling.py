"""Batch sizes that did not fit into memory, and so are not tried again on that kind of device."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeGuard

from lrsweep.space import Choice, Fixed, Parameter, Space
from lrsweep.terms import is_batch_size
from lrsweep.trial import Params, ParamValue


class BatchSizeCeiling:
    """For each kind of device the smallest batch size that ran out of memory there.

    That batch size and larger ones are not allowed there any more.
    """

    def __init__(self, space: Space) -> None:
        self._parameters = [p for p in space.parameters if is_batch_size(p.name)]
        self._names = {p.name for p in self._parameters}
        self._ceilings: dict[tuple[str, str], float] = {}

    def ran_out(self, params: Params, device: str) -> list[str]:
        """A trial with `params` ran out of memory; what is now ruled out, in words."""
        lowered = []
        for name in sorted(self._names & params.keys()):
            value, key = params[name], (name, device)
            if _is_number(value) and float(value) < self._ceilings.get(key, float("inf")):
                self._ceilings[key] = float(value)
                lowered.append(f"{name} {value} and above are not tried again on {device}")
        return lowered

    def allows(self, params: Mapping[str, ParamValue], device: str) -> bool:
        """Whether no parameter of `params` reaches a ceiling."""
        return all(self._fits(name, params[name], device) for name in self._names & params.keys())

    def lowered(self, parameter: Parameter, value: ParamValue, device: str) -> ParamValue:
        """`value`, or the largest value of `parameter` below the ceiling where it reaches it.

        Where no value is below, `value` itself: `rules_out_all` is true then.
        """
        if parameter.name not in self._names or self._fits(parameter.name, value, device):
            return value
        values = filter(_is_number, _values(parameter))
        fitting = [v for v in values if self._fits(parameter.name, v, device)]
        return max(fitting, default=value)

    def rules_out_all(self, device: str) -> bool:
        """Whether some batch size has no value left on `device`."""
        return any(
            all(not self._fits(p.name, value, device) for value in _values(p))
            for p in self._parameters
        )

    def _fits(self, name: str, value: ParamValue, device: str) -> bool:
        ceiling = self._ceilings.get((name, device))
        return ceiling is None or not _is_number(value) or float(value) < ceiling


def _values(parameter: Parameter) -> tuple[ParamValue, ...]:
    """Every value of a choice; of a range those that a halving of its high end reaches."""
    if isinstance(parameter, Choice):
        return tuple(v for v in parameter.values if _is_number(v))
    if isinstance(parameter, Fixed):
        return (parameter.value,)
    values, value = [parameter.low], parameter.high
    while value > parameter.low:
        values.append(parameter.snap(value))
        value = value / 2 if isinstance(value, float) else value // 2
    return tuple(values)


def _is_number(value: ParamValue) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
