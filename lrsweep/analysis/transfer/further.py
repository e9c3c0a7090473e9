"""Which further small runs would narrow the interval of a prediction most, for what they cost."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass

from lrsweep.analysis.transfer.cells import Cell
from lrsweep.analysis.transfer.model import Transfer

# What four to six more trials around the best rate leave unknown of it, in natural logs.
_SEEN = 0.15**2
TRIALS = 6
_MOST_CANDIDATES = 500


@dataclass(frozen=True, slots=True)
class Further:
    """Trials at `scales`, over `rates` (low, high), by which the interval becomes `factor` wide:
    the ratio of its ends, before and after."""

    scales: Mapping[str, float]
    rates: tuple[float, float]
    before: float
    after: float


def further_runs(transfer: Transfer, at: Mapping[str, float]) -> Further:
    """The cell that narrows the interval at the scales `at` most for its cost.

    Candidates are all combinations of the levels that were tried, and of twice the largest of each
    scale where that is still smaller than what is asked for.
    """
    _, before = transfer.moments(at)
    levels = {name: _levels(transfer, name, at[name]) for name in transfer.names}
    combinations = itertools.islice(itertools.product(*levels.values()), _MOST_CANDIDATES)
    candidates = [dict(zip(levels, values, strict=True)) for values in combinations]

    def worth(cell: Mapping[str, float]) -> float:
        gained = math.sqrt(before) - math.sqrt(transfer.variance_with(cell, _SEEN, at))
        return gained / math.sqrt(_cost(transfer.cells, cell))

    best = max(candidates, key=worth)
    prediction = transfer.at(best)
    after = transfer.variance_with(best, _SEEN, at)
    around = (prediction.low / 1.5, prediction.high * 1.5)
    return Further(best, around, _ratio(before), _ratio(after))


def _levels(transfer: Transfer, name: str, wanted: float) -> list[float]:
    levels = sorted({cell.scales[name] for cell in transfer.cells})
    twice = 2 * levels[-1]
    return [*levels, twice] if twice < wanted else levels


def _cost(cells: tuple[Cell, ...], scales: Mapping[str, float]) -> float:
    """Seconds of a trial: of the cell itself, else of the nearest, growing with each scale."""

    def distance(cell: Cell) -> float:
        return sum(math.log(scales[n] / cell.scales[n]) ** 2 for n in scales)

    nearest = min(cells, key=distance)
    seconds = nearest.cost if math.isfinite(nearest.cost) else 1.0
    return seconds * math.prod(max(1.0, scales[n] / nearest.scales[n]) for n in scales)


def _ratio(variance: float) -> float:
    return math.exp(2 * 1.6448536269514722 * math.sqrt(variance))
