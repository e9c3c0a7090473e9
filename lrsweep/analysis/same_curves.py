"""Whether parameters seem to reach the script: trials that differ in them and yet are the same."""

from __future__ import annotations

from lrsweep.analysis.wording import plain
from lrsweep.trial import Params, ParamValue


class SameCurves:
    """Compares the objective's curves of the first two trials that complete, to the last digit."""

    def __init__(self) -> None:
        self._curves: dict[int, list[float]] = {}
        self._first: tuple[int, Params] | None = None
        self._done = False

    def reported(self, trial: int, value: float) -> None:
        """The next value of the objective of `trial`."""
        if not self._done:
            self._curves.setdefault(trial, []).append(value)

    def completed(self, trial: int, params: Params) -> str:
        """The question that `trial` and the one that completed first raise; empty for none."""
        if self._done or not self._curves.get(trial):
            return ""
        if self._first is None:
            self._first = (trial, params)
            return ""
        other, others = self._first
        same = self._curves[other] == self._curves[trial]
        self._done = True
        self._curves.clear()
        differing = [name for name in params if params[name] != others.get(name, params[name])]
        if not same or not differing:
            return ""
        values = ", ".join(_pair(name, others[name], params[name]) for name in differing)
        them = "it reaches" if len(differing) == 1 else "they reach"
        return (
            f"trials {other} and {trial} reported the very same values, although they differ"
            f" ({values}): see whether {them} the script"
        )


def _pair(name: str, one: ParamValue, other: ParamValue) -> str:
    return f"{name} {plain(one)} and {plain(other)}"
