"""Recorded trainings: DeepOBS's curves by rate and optimizer, Step Law's final losses."""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.search.task import Floats, Point, Task, number
from lrsweep.space import Space
from lrsweep.trial import Direction

_REPORTS = 25
_TUNED_ON = ("cifar10_3c3d", "fmnist_2c2d")
_OPTIMIZERS = ("sgd", "momentum", "adam")


def deepobs(folder: Path) -> Iterator[Task]:
    """Each problem with each optimizer alone, and with the optimizer searched too."""
    path = folder / "deepobs_curves.json.gz"
    runs: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    with gzip.open(path, "rt") as file:
        for run in json.load(file):
            runs[run["problem"], run["optimizer"]].append(run)
    tables = {key: _Rates(found) for key, found in runs.items()}
    for problem in sorted({problem for problem, _ in tables}):
        own = {name: tables[problem, name] for name in _OPTIMIZERS}
        tuned_on = problem in _TUNED_ON
        for name in _OPTIMIZERS:
            yield _task(f"{problem} {name}", {name: own[name]}, ("lr=1e-5:10",), tuned_on)
        space = ("lr=1e-5:10", f"optimizer={','.join(_OPTIMIZERS)}")
        yield _task(f"{problem} any", own, space, tuned_on)


def _task(name: str, tables: dict[str, _Rates], space: tuple[str, ...], tuned_on: bool) -> Task:
    only = next(iter(tables))

    def table(point: Point) -> _Rates:
        return tables[str(point.get("optimizer", only))]

    return Task(
        f"deepobs {name}",
        Space.parse(space),
        Direction.MINIMIZE,
        lambda point, rng: table(point).curve(number(point, "lr"), rng),
        lambda point: table(point).truth(number(point, "lr")),
        tuned_on,
        "deepobs",
    )


class _Rates:
    """Curves of one problem and optimizer along the rate, interpolated on logarithms."""

    def __init__(self, runs: list[dict[str, Any]]) -> None:
        by_rate = sorted((r for r in runs if r["seed"] == 42), key=lambda r: r["lr"])
        self._rates = np.log10([r["lr"] for r in by_rate])
        self._logs = np.array([_reports(r["test_loss"]) for r in by_rate])
        repeated = {r["lr"] for r in runs if r["seed"] != 42}
        seeds = np.array([_reports(r["test_loss"]) for r in runs if r["lr"] in repeated])
        self._noise = seeds - seeds.mean(axis=0)

    def _mean(self, rate: float) -> Floats:
        at = float(np.clip(math.log10(rate), self._rates[0], self._rates[-1]))
        right = int(np.clip(np.searchsorted(self._rates, at), 1, len(self._rates) - 1))
        part = (at - self._rates[right - 1]) / (self._rates[right] - self._rates[right - 1])
        mixed: Floats = (1 - part) * self._logs[right - 1] + part * self._logs[right]
        return mixed  # infinite where either neighbour diverged

    def curve(self, rate: float, rng: np.random.Generator) -> Floats:
        noise = self._noise[int(rng.integers(len(self._noise)))]
        values: Floats = np.exp(self._mean(rate) + noise)
        return values

    def truth(self, rate: float) -> float:
        return float(np.exp(self._mean(rate)[-1]))


def _reports(losses: list[float | None]) -> Floats:
    """Logarithms at equal shares of the training; infinite from the first that is not finite on."""
    values = np.array([math.inf if v is None else v for v in losses[1:]])
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        values[bad[0] :] = math.inf
    at = np.linspace(0, len(values), _REPORTS + 1)[1:].round().astype(int) - 1
    logs: Floats = np.log(values[at])
    return logs


def steplaw(folder: Path) -> Iterator[Task]:
    """Rate and batch size of language models of one size and data each; final losses only."""
    grids: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    with gzip.open(folder / "steplaw_dense.csv.gz", "rt") as file:
        for row in csv.DictReader(io.StringIO(file.read())):
            grids[row["N"], row["D"]].append(row)
    chosen = sorted((key for key, rows in grids.items() if len(rows) > 90), key=_size)[::2]
    for index, key in enumerate(chosen):
        millions, billions = float(key[0]) / 1e6, float(key[1]) / 1e9
        name = f"steplaw {millions:.0f}M {billions:.0f}B"
        yield _Grid(grids[key]).task(name, tuned_on=index % 2 == 0)


def _size(key: tuple[str, str]) -> tuple[float, float]:
    return float(key[0]), float(key[1])


class _Grid:
    def __init__(self, rows: list[dict[str, str]]) -> None:
        self._points = np.array(
            [[math.log(float(r["lr"])), math.log(float(r["bs"]))] for r in rows]
        )
        self._losses = np.array([float(r["loss"]) for r in rows])
        self._spread = self._points.std(axis=0)

    def task(self, name: str, *, tuned_on: bool) -> Task:
        low, high = np.exp(self._points.min(axis=0)), np.exp(self._points.max(axis=0))
        space = (f"lr={low[0]:.4g}:{high[0]:.4g}", f"batch_size={low[1]:.0f}:{high[1]:.0f}:int:log")
        return Task(
            name,
            Space.parse(space),
            Direction.MINIMIZE,
            self.curve,
            self.truth,
            tuned_on,
            "steplaw",
        )

    def truth(self, point: Point) -> float:
        """The four nearest neighbours, weighted by their distance."""
        at = np.log([number(point, "lr"), number(point, "batch_size")])
        far = (((self._points - at) / self._spread) ** 2).sum(axis=1)
        near = np.argpartition(far, 4)[:4]
        weights = 1 / (far[near] + 1e-6)
        return float((weights * self._losses[near]).sum() / weights.sum())

    def curve(self, point: Point, rng: np.random.Generator) -> Floats:
        return np.array([self.truth(point) + 0.001 * rng.standard_normal()])
