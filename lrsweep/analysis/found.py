"""A range test that was run: what it was run with, what it says, and where a sweep should begin."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from lrsweep.analysis.range_test import RangeTest, analyse
from lrsweep.analysis.search_ranges import SEARCH_RANGES
from lrsweep.terms import is_optimizer
from lrsweep.trial import Curve, Outcome, Params, ParamValue, TrialRow

# What a range test reports at every step.
RATE, LOSS = "lr", "train_loss"
# The same, seen by the observer in a training that knows nothing of range tests.
_SEEN = "observed/"
NO_RANGE_TEST = "the script ran, but did no range test"

_WHOLE = 0.99
_HALF_A_DECADE = math.sqrt(10)


@dataclass(frozen=True, slots=True)
class Found:
    """The range test of trial `trial`, run with `params`: `rates[i]` gave `losses[i]`, by step."""

    trial: int
    params: Params
    rates: tuple[float, ...]
    losses: tuple[float, ...]
    test: RangeTest

    @classmethod
    def of(cls, row: TrialRow, curves: Iterable[Curve]) -> Found:
        """What a trial and its curves tell; a trial that failed has its reason as the problem."""
        named = {c.metric: c for c in curves}
        prefix = "" if RATE in named and LOSS in named else _SEEN
        lr, loss = (_points(named.get(f"{prefix}{name}")) for name in (RATE, LOSS))
        steps = [step for step in lr if step in loss]
        rates, losses = tuple(lr[s] for s in steps), tuple(loss[s] for s in steps)
        spent = _spent(named.get(f"{prefix}{LOSS}"))
        if row.exit_code == 0 and not rates:
            test = RangeTest((), problem=NO_RANGE_TEST)
        elif row.outcome not in (Outcome.COMPLETED, Outcome.DIVERGED):
            ended = "not ended" if row.outcome is None else row.outcome.value.replace("_", " ")
            test = RangeTest((), problem=f"{ended}: {row.reason}" if row.reason else ended)
        elif len(rates) < 2 or any(b <= a for a, b in pairwise(rates)):
            test = RangeTest((), problem=NO_RANGE_TEST)
        else:
            test = analyse(rates, losses)
        if test.smoothed and test.diverged_at is None and spent < _WHOLE:
            steps_said = f"it ended after {len(steps)} steps, {spent:.0%} of the test's"
            test = replace(test, bracket=None, suggestions={}, problem=steps_said)
        return cls(row.number, row.params, rates, losses, test)

    @property
    def minimum(self) -> float | None:
        """The rate of the lowest smoothed loss, where the test supports suggestions."""
        tenth = self.test.suggestions.get("minimum_tenth")
        return None if tenth is None else 10 * tenth

    @property
    def widened(self) -> tuple[float, float]:
        """The bracket and half a decade more on either side; only where there is a bracket."""
        assert self.test.bracket is not None
        low, high = self.test.bracket
        return low / _HALF_A_DECADE, high * _HALF_A_DECADE

    def first_rates(self) -> tuple[float, ...]:
        """Rates that a sweep of the widened bracket should try first, the surest first.

        Valley, geometric mean, a tenth and a third of the minimum, and the optimizer's own default
        where it is known and lies within.
        """
        assert self.minimum is not None
        at, (low, high) = self.test.suggestions, self.widened
        names = [value for name, value in self.params.items() if is_optimizer(name)]
        defaults = [SEARCH_RANGES[str(n)].default for n in names if str(n) in SEARCH_RANGES]
        rates = [at["valley"], at["middle"], self.minimum / 10, self.minimum / 3, *defaults]
        return tuple(dict.fromkeys(rate for rate in rates if low <= rate <= high))


@dataclass(frozen=True, slots=True)
class Verified:
    """How the middle of a bracket compares with the best of five rates across it.

    `off` is the larger of the two rates by the smaller. `at_end` says that the best rate was the
    lowest or the highest of the five, so that a better one may lie beyond.
    """

    study: str
    metric: str
    suggested: float
    best: float
    value: float
    at_end: bool

    @property
    def off(self) -> float:
        return max(self.best / self.suggested, self.suggested / self.best)


def _points(curve: Curve | None) -> dict[int, float]:
    return {} if curve is None else dict(zip(curve.steps, curve.values, strict=True))


def _spent(curve: Curve | None) -> float:
    """The share of the range test that the curve covers; 1 where nothing tells."""
    shares = [share for share in (curve.fractions if curve else ()) if share is not None]
    return max(shares, default=1.0)


def varied(found: Sequence[Found]) -> dict[str, tuple[ParamValue, ...]]:
    """The parameters in which range tests differ, with their values in order of trial."""
    names = dict.fromkeys(name for one in found for name in one.params)
    values = {
        name: tuple(dict.fromkeys(one.params[name] for one in found if name in one.params))
        for name in names
    }
    return {name: tried for name, tried in values.items() if len(tried) > 1}


def label(found: Found, among: Mapping[str, Sequence[ParamValue]]) -> str:
    """What tells `found` from other tests: "sgd, 64"; empty where it is the only one."""
    return ", ".join(str(found.params[name]) for name in among if name in found.params)
