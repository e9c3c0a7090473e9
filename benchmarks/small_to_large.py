"""Rates for large runs from small ones, beside keeping the rate and the rules of thumb.

    python benchmarks/small_to_large.py --data steplaw_dense.csv.gz [--page docs/small-to-large.md]

The data are published trainings of language models (Step Law, arXiv 2503.04715), one a row: N
parameters, D tokens, lr, bs batch size, loss. For each (N, D) the best rate at every batch size is
predicted from the runs of at most an eighth, and a thirty-second, of its compute (6 N D). The
excess is the loss at the predicted rate over the best of that batch size, in percent.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lrsweep.analysis.transfer import Cell, fit_transfer
from lrsweep.analysis.transfer.backtest import rules

NAMES = ("N", "D", "batch_size")
SHARES = (8, 32)
FEWEST_RATES = 5
MARK = ("<!-- table -->", "<!-- end of table -->")


@dataclass(frozen=True, slots=True)
class Row:
    """The means of one (N, D) at one share of its compute: excesses in percent, and coverage."""

    share: int
    n: float
    d: float
    cells: int
    excess: dict[str, float]
    covered: float
    ratio: float


def read_cells(path: Path) -> list[Cell]:
    """The cells of the table at `path`."""
    table = pd.read_csv(path)
    return [
        Cell(
            {
                "N": float(rows.N.iloc[0]),
                "D": float(rows.D.iloc[0]),
                "batch_size": float(rows.bs.iloc[0]),
            },
            tuple(rows.lr),
            tuple(rows.loss),
        )
        for _, rows in table.groupby(["N", "D", "bs"])
    ]


def compute(cell: Cell) -> float:
    """Up to a factor, the operations of a training."""
    return cell.scales["N"] * cell.scales["D"]


def evaluate(cells: Sequence[Cell]) -> list[Row]:
    """A row for every (N, D) and share that leaves enough smaller runs."""
    sizes = sorted({(cell.scales["N"], cell.scales["D"]) for cell in cells})
    rows = (_row(cells, n, d, share) for share in SHARES for n, d in sizes)
    return [row for row in rows if row is not None]


def _row(cells: Sequence[Cell], n: float, d: float, share: int) -> Row | None:
    small = [cell for cell in cells if compute(cell) <= n * d / share * 1.0001]
    held = [c for c in cells if (c.scales["N"], c.scales["D"]) == (n, d)]
    held = [cell for cell in held if len(cell.rates) >= FEWEST_RATES]
    transfer = fit_transfer(small, NAMES)
    if transfer is None or len({(c.scales["N"], c.scales["D"]) for c in small}) < 2:
        return None
    largest = max(map(compute, small))
    before = min((c for c in small if compute(c) == largest), key=lambda cell: min(cell.losses))
    choices: dict[str, Callable[[Cell], float]] = {
        "predicted": lambda cell: transfer.at(cell.scales).rate,
        "keep": lambda _cell: before.best_rate(),
        **{name: _moved(rule, before) for name, rule in rules(NAMES).items()},
    }
    excess = {
        name: 100 * _mean([c.loss_at(rate(c)) / min(c.losses) - 1 for c in held])
        for name, rate in choices.items()
    }
    predictions = [(transfer.at(cell.scales), cell.best_rate()) for cell in held]
    covered = _mean([float(p.low <= best <= p.high) for p, best in predictions])
    ratio = _mean([math.log(p.high / p.low) for p, _ in predictions])
    return Row(share, n, d, len(held), excess, covered, math.exp(ratio))


def _moved(rule: Callable[[Cell, Cell], float], before: Cell) -> Callable[[Cell], float]:
    return lambda cell: rule(before, cell)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def table(rows: Sequence[Row]) -> str:
    """The rows in Markdown, with a last one for each share."""
    choices = list(rows[0].excess)
    head = ["compute", "N", "D", *(f"{name}, %" for name in choices), "in the interval", "its ends"]
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for share in SHARES:
        of_share = [row for row in rows if row.share == share]
        for row in of_share:
            cells = [f"1/{share}", f"{row.n / 1e6:.0f} M", f"{row.d / 1e9:.1f} G"]
            lines.append(_line(cells, row.excess, row.covered, row.ratio))
        if of_share:
            weight = sum(row.cells for row in of_share)
            mean = {
                name: sum(row.excess[name] * row.cells for row in of_share) / weight
                for name in choices
            }
            covered = sum(row.covered * row.cells for row in of_share) / weight
            lines.append(_line([f"**1/{share}**", "all", ""], mean, covered, math.nan))
    return "\n".join(lines)


def _line(cells: list[str], excess: dict[str, float], covered: float, ratio: float) -> str:
    ends = "" if math.isnan(ratio) else f"× {ratio:.1f}"
    cells = [*cells, *(f"{v:.2f}" for v in excess.values()), f"{100 * covered:.0f} %", ends]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--page", type=Path, help="write the table into this page")
    args = parser.parse_args()
    text = table(evaluate(read_cells(args.data)))
    print(text)
    if args.page is not None:
        page = args.page.read_text(encoding="utf-8")
        before, after = page.index(MARK[0]) + len(MARK[0]), page.index(MARK[1])
        args.page.write_text(f"{page[:before]}\n{text}\n{page[after:]}", encoding="utf-8")


if __name__ == "__main__":
    main()
