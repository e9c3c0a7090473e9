"""Would it have worked? The largest level of each scale, predicted from the smaller ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lrsweep.analysis.transfer.cells import Cell
from lrsweep.analysis.transfer.model import fit_transfer
from lrsweep.terms import is_batch_size, is_width

_FEWEST_RATES = 4


@dataclass(frozen=True, slots=True)
class BackTest:
    """What rates chosen from smaller runs would have cost at the largest `level` of `scale`.

    `costs` is the loss at the chosen rate over the best of the cell, as a share of the loss where
    all are positive (else in its own unit), in the mean over `cells` cells: "predicted", "keep"
    (the best rate of the largest smaller run), and the rules that apply. `inside` of the cells had
    their best rate inside the 90 % interval.
    """

    scale: str
    level: float
    cells: int
    inside: int
    costs: Mapping[str, float]


def back_test(cells: Sequence[Cell], names: Sequence[str]) -> tuple[BackTest, ...]:
    """A test for each scale of at least two levels whose smaller levels allow a prediction."""
    tests = (_of_scale(cells, names, name) for name in names)
    return tuple(test for test in tests if test is not None)


def _of_scale(cells: Sequence[Cell], names: Sequence[str], name: str) -> BackTest | None:
    levels = sorted({cell.scales[name] for cell in cells})
    if len(levels) < 2:
        return None
    known = [cell for cell in cells if cell.scales[name] < levels[-1]]
    held = [cell for cell in cells if cell.scales[name] == levels[-1] and _is_telling(cell)]
    transfer = fit_transfer(known, names)
    if transfer is None or not held:
        return None
    costs: dict[str, list[float]] = {}
    inside = 0
    for cell in held:
        before = _nearest(cell, [c for c in known if _is_telling(c)] or known)
        prediction = transfer.at(cell.scales)
        inside += prediction.low <= cell.best_rate() <= prediction.high
        rates = {"predicted": prediction.rate, "keep": before.best_rate()}
        rates |= {rule: move(before, cell) for rule, move in rules(names).items()}
        for choice, rate in rates.items():
            costs.setdefault(choice, []).append(_cost(cell, rate))
    means = {choice: sum(found) / len(found) for choice, found in costs.items()}
    return BackTest(name, levels[-1], len(held), inside, means)


def rules(names: Sequence[str]) -> dict[str, Callable[[Cell, Cell], float]]:
    """The rules of thumb that the scales `names` allow: from one cell's best rate to another's."""
    batch = next((name for name in names if is_batch_size(name)), None)
    width = next((name for name in names if is_width(name)), None)
    found: dict[str, Callable[[Cell, Cell], float]] = {}
    if batch is not None:
        found["linear"] = _power(batch, 1.0)
        found["square root"] = _power(batch, 0.5)
    if width is not None:
        found["1/width"] = _power(width, -1.0)
    return found


def _power(name: str, exponent: float) -> Callable[[Cell, Cell], float]:
    def move(before: Cell, after: Cell) -> float:
        return before.best_rate() * math.pow(after.scales[name] / before.scales[name], exponent)

    return move


def _nearest(cell: Cell, others: Sequence[Cell]) -> Cell:
    def distance(other: Cell) -> float:
        return sum(math.log(cell.scales[n] / other.scales[n]) ** 2 for n in cell.scales)

    return min(others, key=distance)


def _is_telling(cell: Cell) -> bool:
    return len({r for r, v in zip(cell.rates, cell.losses, strict=True) if math.isfinite(v)}) >= (
        _FEWEST_RATES
    )


def _cost(cell: Cell, rate: float) -> float:
    best = min(cell.losses)
    worse = cell.loss_at(rate) - best
    return worse / best if all(loss > 0 for loss in cell.losses) else worse
