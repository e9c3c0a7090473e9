"""Is what was asked for what ran? Parameters of trials held against what was seen of them.

That a parameter reaches nothing is certain only across trials: they asked for different values, and
the very same was seen of all of them. A value that differs but follows the one that was asked for,
such as a rate that a script multiplies by the number of processes, is how the script means it.
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TypeGuard

from lrsweep.analysis.seen import Seen
from lrsweep.analysis.wording import number, plain
from lrsweep.terms import is_batch_size, is_learning_rate, is_optimizer
from lrsweep.terms.metrics import tokens
from lrsweep.trial import Params, ParamValue

# A peak may lie between two steps that were looked at.
_SAME = 0.02
# Rates of a schedule's parts, which an optimizer need not have run with.
_PARTS = frozenset({"min", "max", "warmup", "end", "final", "init", "initial", "start", "decay"})
# How many trials it takes to be certain, of each kind.
_ENOUGH = {"lr": 2, "optimizer": 2, "batch": 3}


@dataclass(slots=True)
class _Asked:
    """The values of one parameter in the trials that were seen, and what was seen of each."""

    values: list[ParamValue] = field(default_factory=list)
    seen: list[Hashable] = field(default_factory=list)

    def reaches_nothing(self, enough: int) -> bool:
        return len(self.values) >= enough and len(set(self.values)) > 1 and len(set(self.seen)) == 1


class Truth:
    """Holds trials of one sweep against what was asked for; `mismatch` is why it should stop."""

    def __init__(self) -> None:
        self.mismatch = ""
        self._asked: dict[str, _Asked] = {}
        self._said: set[str] = set()
        self._seen = False

    def ended(self, trial: int, params: Params, seen: Seen) -> list[str]:
        """A trial completed, and this was seen of it; what to tell people, each thing once."""
        notes = []
        if not self._seen and seen.sentence:
            self._seen = True
            notes.append(f"seen in trial {trial}: {seen.sentence}")
        if seen.ramp or not seen.optimizers:
            return notes
        for name, value in params.items():
            found = _compared(name, value, seen)
            if found is None:
                continue
            kind, what, ran, agrees = found
            asked = self._asked.setdefault(name, _Asked())
            asked.values.append(value)
            asked.seen.append(what)
            if asked.reaches_nothing(_ENOUGH[kind]):
                self.mismatch = self.mismatch or (
                    f"{name} does not reach the training: {_list(asked.values)} were passed,"
                    f" and {ran} in every trial"
                )
            elif not agrees and name not in self._said:
                self._said.add(name)
                notes.append(f"trial {trial}: {name}={plain(value)} was passed, and {ran}")
        return notes


def _compared(name: str, value: ParamValue, seen: Seen) -> tuple[str, Hashable, str, bool] | None:
    """What kind of parameter this is, what was seen of it, in words too, and whether they agree."""
    if is_learning_rate(name) and _is_number(value) and not _PARTS.intersection(tokens(name)):
        rates = sorted({rate for one in seen.optimizers for rate in one.rates})
        peaks = sorted({max(one.peak) for one in seen.optimizers if one.peak})
        if not peaks:
            return None
        told = " and ".join(number(peak, 3) for peak in peaks)
        agrees = any(_same(rate, scaled) for rate in rates for scaled in _scaled(value, seen))
        return "lr", tuple(rates), f"the optimizer ran with {told}", agrees
    if is_optimizer(name) and isinstance(value, str):
        kinds = tuple(one.signature for one in seen.optimizers)
        told = " and ".join(dict.fromkeys(one.kind for one in seen.optimizers))
        # Scripts have names of their own for optimizers, so that only trials can tell.
        return "optimizer", kinds, f"{told} trained with the same settings", True
    if is_batch_size(name) and _is_number(value) and seen.batches and max(seen.batches) > 1:
        told = " and ".join(str(size) for size in seen.batches)
        each = (value, value / seen.world, value * seen.world)
        agrees = any(size == wanted for size in seen.batches for wanted in each)
        return "batch", seen.batches, f"batches of {told} were trained on", agrees
    return None


def _scaled(value: float, seen: Seen) -> list[float]:
    """The rate, and by what scripts multiply it: processes, batch size by 256, and their roots."""
    by = [1.0, float(seen.world), (seen.batch or 256) / 256]
    return [value * factor for n in by for factor in (n, math.sqrt(n))]


def _same(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=_SAME, abs_tol=1e-12)


def _is_number(value: ParamValue) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _list(values: list[ParamValue]) -> str:
    shown = [plain(value) for value in dict.fromkeys(values)]
    return " and ".join(shown[:3])
