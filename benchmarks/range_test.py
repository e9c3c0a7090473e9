"""Does the range test's bracket hold the best rate? Digits, by optimizer, batch size and seed.

    python benchmarks/range_test.py                               all 45 runs
    python benchmarks/range_test.py --optimizers sgd,adam --seeds 1

A run is one range test, and beside it a full training at each of a grid of rates, four a decade
over the range where the optimizer's best rate may lie. Wanted: the rate with the lowest validation
loss lies in the bracket in at least 43 of 45 runs.
"""

from __future__ import annotations

import argparse
import math
import runpy
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from typing import Any, SupportsFloat

import torch

from lrsweep.analysis.range_test import analyse
from lrsweep.analysis.search_ranges import search_range
from lrsweep.client import CurrentTrial
from lrsweep.train import Recipe, fit, seed_everything

STUDY = Path(__file__).parents[1] / "studies" / "digits" / "train.py"
OPTIMIZERS = "sgd,momentum,adam,rmsprop,adagrad"
BATCH_SIZES = "16,64,256"
RAMP = "1e-6:100:300"
A_DECADE = 4
WANTED = 43 / 45


@dataclass(frozen=True, slots=True)
class Run:
    optimizer: str
    batch_size: int
    seed: int


@dataclass(frozen=True, slots=True)
class Result:
    run: Run
    bracket: tuple[float, float] | None
    middle: float
    best: float

    @property
    def holds(self) -> bool:
        return self.bracket is not None and self.bracket[0] <= self.best <= self.bracket[1]


class Recorder(CurrentTrial):
    """A trial that keeps what is reported to itself."""

    def __init__(self) -> None:
        super().__init__(number=0, attempt=1, params={}, seed=0, folder=None)
        self.reports: list[dict[str, float]] = []

    def report(
        self,
        step: int,
        metrics: Mapping[str, SupportsFloat] | None = None,
        /,
        *,
        examples: int | None = None,
        fraction: float | None = None,
        **more: SupportsFloat,
    ) -> None:
        self.reports.append({k: float(v) for k, v in {**(metrics or {}), **more}.items()})


def measure(run: Run, epochs: float) -> Result:
    """The bracket of `run`, and its best rate."""
    torch.set_num_threads(1)
    reports = train(run, 1.0, epochs, range_test=RAMP)
    found = analyse([r["lr"] for r in reports], [r["train_loss"] for r in reports])
    low, high = search_range(run.optimizer)
    count = round(A_DECADE * math.log10(high / low))
    rates = [low * math.pow(high / low, i / count) for i in range(count + 1)]
    losses = {rate: train(run, rate, epochs)[-1]["val_loss"] for rate in rates}
    best = min(rates, key=lambda rate: losses[rate] if math.isfinite(losses[rate]) else math.inf)
    return Result(run, found.bracket, found.suggestions.get("middle", math.nan), best)


def train(
    run: Run, lr: float, epochs: float, range_test: str | None = None
) -> list[dict[str, float]]:
    """What a training of `run` reports."""
    study, recorder = digits(), Recorder()
    seed_everything(run.seed)
    training, validation, _ = study["load"](torch.device("cpu"))
    recipe = Recipe(
        lr=lr,
        optimizer=run.optimizer,
        batch_size=run.batch_size,
        epochs=epochs,
        evaluations=1,
        seed=run.seed,
        range_test=range_test,
    )
    loss = torch.nn.functional.cross_entropy
    fit(study["mlp"](), training, validation, loss=loss, recipe=recipe, trial=recorder)
    return recorder.reports


@cache
def digits() -> dict[str, Any]:
    return runpy.run_path(str(STUDY), run_name="digits")


def line(result: Result) -> str:
    run, bracket = result.run, result.bracket
    held = "held  " if result.holds else "MISSED"
    span = "none" if bracket is None else f"{bracket[0]:.3g} … {bracket[1]:.3g}"
    off = max(result.middle / result.best, result.best / result.middle)
    what = f"{run.optimizer:<9} batch {run.batch_size:<4} seed {run.seed}"
    return f"{held}  {what}  best {result.best:<8.3g} bracket {span:<18} middle {off:.1f}x off"


def main() -> None:
    parser = argparse.ArgumentParser(description="Hold the range test against full sweeps.")
    parser.add_argument("--optimizers", default=OPTIMIZERS)
    parser.add_argument("--batch-sizes", default=BATCH_SIZES)
    parser.add_argument("--seeds", type=int, default=3, help="how many")
    parser.add_argument("--epochs", type=float, default=10)
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    sizes = [int(size) for size in args.batch_sizes.split(",")]
    chosen = product(args.optimizers.split(","), sizes, range(args.seeds))
    runs = [Run(*one) for one in chosen]
    began = time.perf_counter()
    results = []
    # Spawned: torch's threads do not survive a fork.
    with ProcessPoolExecutor(args.jobs, mp_context=get_context("spawn")) as pool:
        for result in pool.map(measure, runs, [args.epochs] * len(runs)):
            results.append(result)
            print(line(result), flush=True)
    held = sum(result.holds for result in results)
    wanted = math.floor(WANTED * len(runs))
    took = time.perf_counter() - began
    print(f"held {held} of {len(runs)}, wanted at least {wanted}; {took:.0f} s, {args.jobs} jobs")


if __name__ == "__main__":
    main()
