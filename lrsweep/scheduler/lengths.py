"""How long trainings are, for scripts that do not say so: learned from those that completed."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lrsweep.trial import Params

# Lengths that differ by less follow the same rule: a last batch that is not full, a step left over.
_SAME = 1.02


@dataclass(slots=True)
class _Between:
    low: float = math.inf
    high: float = 0.0

    def add(self, value: float) -> None:
        self.low, self.high = min(self.low, value), max(self.high, value)

    @property
    def agrees(self) -> bool:
        return self.high <= _SAME * self.low


class Lengths:
    """The positions on the budget axis at which completed trials reported for the last time.

    Where they differ, a parameter may say why: the length is proportional to it (`epochs`), or to
    its inverse (steps and `batch_size`).
    """

    def __init__(self) -> None:
        self._all = _Between()
        self._ratios: dict[str, _Between] = {}
        self._products: dict[str, _Between] = {}

    def completed(self, params: Params, position: float) -> None:
        """A trial completed with its last report at `position`."""
        self._all.add(position)
        for name, value in params.items():
            if (number := _positive(value)) is not None:
                self._ratios.setdefault(name, _Between()).add(position / number)
                self._products.setdefault(name, _Between()).add(position * number)

    def may_be_last(self, params: Params, position: float, *, strictly: bool) -> bool:
        """Whether a trial that reports at `position` has nothing more to report, as others had.

        With `strictly`, whether it may have nothing more: where the shortest one ended, and
        always while none has completed.
        """
        if not self._all.high:
            return strictly
        expected = self._expected(params)
        return position >= (expected.low if strictly else expected.high) / _SAME

    def _expected(self, params: Params) -> _Between:
        if self._all.agrees:
            return self._all
        for name, value in params.items():
            if (number := _positive(value)) is None:
                continue
            ratio, product = self._ratios.get(name), self._products.get(name)
            if ratio is not None and ratio.agrees:
                return _Between(ratio.low * number, ratio.high * number)
            if product is not None and product.agrees:
                return _Between(product.low / number, product.high / number)
        return self._all


def _positive(value: object) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        return float(value)
    return None
