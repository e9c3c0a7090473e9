"""What to use for one run: the predicted rate, or the rate as it is where that did better."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lrsweep.analysis.transfer.backtest import BackTest, back_test, rules
from lrsweep.analysis.transfer.cells import Cell
from lrsweep.analysis.transfer.further import Further, further_runs
from lrsweep.analysis.transfer.model import Prediction, Transfer, fit_transfer


@dataclass(frozen=True, slots=True)
class Answer:
    """The prediction for the scales `at`, of trials of one `kind` (an optimizer, "" for all).

    `kept` is the best rate of the nearest smaller run, `by_rule` what the rules of thumb make of
    it. `helps` says that in the back-test, where there is one, predicting did not cost more than
    keeping the rate.
    """

    kind: str
    at: Mapping[str, float]
    transfer: Transfer
    prediction: Prediction
    kept: float
    by_rule: Mapping[str, float]
    tests: tuple[BackTest, ...]
    further: Further

    @property
    def helps(self) -> bool:
        return all(test.costs["predicted"] <= test.costs["keep"] for test in self.tests)

    @property
    def rate(self) -> float:
        """The rate to use."""
        return self.prediction.rate if self.helps else self.kept


def answer(cells: Sequence[Cell], at: Mapping[str, float], kind: str = "") -> Answer | None:
    """The answer from `cells`; None where they are too few to tell how the best rate moves."""
    names = tuple(at)
    transfer = fit_transfer(cells, names)
    if transfer is None:
        return None

    def distance(cell: Cell) -> float:
        return sum(math.log(at[name] / cell.scales[name]) ** 2 for name in names)

    nearest = min(transfer.cells, key=distance)
    target = Cell(at, (), ())
    return Answer(
        kind=kind,
        at=at,
        transfer=transfer,
        prediction=transfer.at(at),
        kept=nearest.best_rate(),
        by_rule={rule: move(nearest, target) for rule, move in rules(names).items()},
        tests=back_test(cells, names),
        further=further_runs(transfer, at),
    )
