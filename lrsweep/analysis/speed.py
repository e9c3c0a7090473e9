"""What a bad learning rate costs in time, and what pruning saved, from the trials themselves."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median

from lrsweep.analysis.landscape import Landscape
from lrsweep.analysis.settings import Setting
from lrsweep.analysis.statements import Finding, Statement
from lrsweep.analysis.wording import counted, duration, listed, number, percent
from lrsweep.trial import Curve, Direction, Outcome, TrialRow

# So much of what the best setting gained is to be reached.
_SHARE = 0.9
_FACTORS = (0.1, 1 / 3, 3.0, 10.0)
# How near a trial's rate must be to one of these multiples of the best, as a ratio.
_NEAR = 1.6
_FEWEST_POINTS = 4


@dataclass(frozen=True, slots=True)
class Compared:
    """A trial whose rate is about `factor` times that of the best (1 for the best itself)."""

    factor: float
    trial: TrialRow


def compared(land: Landscape) -> tuple[Compared, ...]:
    """The best trial, and at its place those about 3 and 10 times below and above its rate."""
    home, best = land.home, land.best
    if home is None or best is None or land.winner is None or not land.recommends:
        return ()
    rate = home.rate(land.winner)
    found = [Compared(1.0, best)]
    for factor in _FACTORS:
        near = [
            (abs(math.log(home.rate(one) / rate / factor)), one)
            for one in home.settings
            if one.params != land.winner.params and _differs_in_rate(one, land)
        ]
        off, one = min(near, key=lambda pair: pair[0], default=(math.inf, None))
        if one is not None and off < math.log(_NEAR):
            found.append(Compared(home.rate(one) / rate, one.shown))
    return tuple(found) if len(found) > 1 else ()


def _differs_in_rate(one: Setting, land: Landscape) -> bool:
    rates = {axis.name for axis in land.axes}
    assert land.winner is not None
    return all(land.winner.params.get(n) == v for n, v in one.params.items() if n not in rates)


def slowness(
    land: Landscape, trials: tuple[Compared, ...], curves: Mapping[int, Curve]
) -> Iterator[Statement]:
    """How much longer other rates take to 90 % of what the best gained; `curves` by trial."""
    best, *others = trials or (None,)
    if best is None or best.trial.number not in curves:
        return
    direction, curve = land.rows.direction, curves[best.trial.number]
    if len(curve.values) < _FEWEST_POINTS:
        return
    costs = [direction.sort_key(v) for v in curve.values]
    start = costs[0] if land.gain is None or not land.gain.measured else land.gain.untrained
    target = start - _SHARE * (start - min(costs))
    own = _reached(curve, target, direction)
    if own is None or not target < start:
        return
    parts, numbers = [], {}
    for one in others:
        if one.trial.number not in curves:
            continue
        taken = _reached(curves[one.trial.number], target, direction)
        ratio = None if taken is None else taken / own
        numbers[f"{one.factor:.2g} times"] = math.inf if ratio is None else ratio
        how = f"{number(one.factor, 2)} times the rate"
        if ratio is None:
            parts.append(f"{how} never gets there")
        else:
            parts.append(f"{how} takes {number(ratio, 2)} times as long")
    if parts:
        text = (
            f"To 90 % of what the best, trial {best.trial.number}, gained it takes "
            f"{number(own, 3)} steps as reported; {listed(parts)}."
        )
        yield Statement(Finding.SLOWNESS, text, {"steps": own, **_finite(numbers)})


def _finite(numbers: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in numbers.items() if math.isfinite(value)}


def _reached(curve: Curve, target: float, direction: Direction) -> float | None:
    """The step, between two reports by a straight line, at which a curve first is at `target`."""
    before = None
    for step, value in zip(curve.steps, curve.values, strict=True):
        cost = direction.sort_key(value)
        if cost <= target:
            if before is None or before[1] == cost:
                return float(step)
            share = (before[1] - target) / (before[1] - cost)
            return before[0] + share * (step - before[0])
        before = (float(step), cost) if math.isfinite(cost) else before
    return None


def pruning(land: Landscape) -> Iterator[Statement]:
    """What pruning saved, and which of the trials that it ended may have been good."""
    rows = land.rows
    pruned = [t for t in rows.trials if t.outcome is Outcome.PRUNED and t.wall_s is not None]
    done = [t.wall_s for t in rows.trials if t.outcome is Outcome.COMPLETED and t.wall_s]
    if not pruned or not done:
        return
    whole = median(done)
    saved = sum(max(0.0, whole - (t.wall_s or 0.0)) for t in pruned)
    spent = sum(t.wall_s or 0.0 for t in rows.trials)
    text = f"Pruning ended {counted(len(pruned), 'trial')} early and saved about {duration(saved)}"
    text += f", {percent(saved / (saved + spent))} of what the sweep would have taken"
    band, home = land.band, land.home
    good = []
    if band is not None and home is not None:
        rates = {t.number: home.axis.rate(t.params) for t in pruned if _is_at(t, land)}
        good = [n for n, r in rates.items() if r is not None and band.low <= r <= band.high]
    if good:
        text += (
            f"; {listed(good)} had rates in the good band, so that it may have cost a better one"
        )
    numbers = {"pruned": len(pruned), "saved_s": saved, "in_band": len(good)}
    yield Statement(Finding.PRUNING, f"{text}.", numbers)


def _is_at(trial: TrialRow, land: Landscape) -> bool:
    """Whether a trial was run in the winner's place."""
    best = land.best
    names = [name for name in (land.kind, land.batch_size) if name is not None]
    return best is not None and all(trial.params.get(n) == best.params.get(n) for n in names)
