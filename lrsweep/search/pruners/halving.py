"""Successive halving without waiting: at each rung only one of so many trials continues."""

from __future__ import annotations

import hashlib
import math

from lrsweep.search.curves import Curve, Curves
from lrsweep.search.pruners.rule import crossed
from lrsweep.trial import Verdict


class Asha:
    """Asynchronous successive halving (Li et al. 2018), in its form that stops.

    Rungs lie at `lowest`, `lowest · reduction`, … of the budget. A trial that reaches one stays
    where it is among the best 1/`reduction` of all that reached it.
    """

    def __init__(self, *, reduction: int = 3, lowest: float = 0.1, name: str = "asha") -> None:
        self._reduction = reduction
        self._name = name
        self._rungs = rungs(lowest, reduction)
        self._values: list[dict[int, float]] = [{} for _ in self._rungs]

    def judge(self, curves: Curves, curve: Curve) -> Verdict | None:
        """A verdict where the newest report reached a rung and is not good enough for it."""
        index = crossed(curves, curve, self._rungs)
        if index is None:
            return None
        values, own = self._values[index], curve.best[-1]
        values[curve.number] = own
        kept = max(1, len(values) // self._reduction)
        bar = sorted(values.values())[kept - 1]
        if own <= bar:
            return None
        rung, shown = self._rungs[index], curves.value
        return Verdict(
            self._name,
            f"not among the best {kept} of {len(values)} trials at the rung {rung:.0%}: "
            f"best so far {shown(own):.6g}, needed {shown(bar):.6g}",
            {"rung": rung, "best": shown(own), "bar": shown(bar), "trials": len(values)},
        )


class Hyperband:
    """Several brackets of successive halving that begin at different rungs (Li et al. 2018).

    Each trial belongs to one bracket, by its number, and is compared within it. Bold brackets,
    which stop early, get more trials: as many as spend about the same budget.
    """

    def __init__(self, *, reduction: int = 3, lowest: float = 0.05) -> None:
        most = max(0, math.floor(math.log(1 / lowest, reduction) + 1e-9))
        self._brackets = [
            Asha(reduction=reduction, lowest=lowest * reduction**i, name=f"hyperband, bracket {i}")
            for i in range(most + 1)
        ]
        self._weights = [
            math.ceil((most + 1) * reduction ** (most - i) / (most - i + 1))
            for i in range(most + 1)
        ]

    def judge(self, curves: Curves, curve: Curve) -> Verdict | None:
        """The verdict of the trial's bracket."""
        return self._brackets[self._bracket(curve.number)].judge(curves, curve)

    def _bracket(self, number: int) -> int:
        digest = hashlib.sha256(f"bracket {number}".encode()).digest()
        at = int.from_bytes(digest[:8]) % sum(self._weights)
        for index, weight in enumerate(self._weights):
            if at < weight:
                return index
            at -= weight
        raise AssertionError("a remainder lies below the sum")


def rungs(lowest: float, reduction: int) -> tuple[float, ...]:
    """The rungs below the whole budget, as shares of it."""
    found: list[float] = []
    rung = lowest
    while rung < 1 - 1e-9:
        found.append(rung)
        rung *= reduction
    return tuple(found)
