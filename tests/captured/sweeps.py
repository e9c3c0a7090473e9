"""Sweeps of scripts that know nothing of lrsweep, and what was recorded of each trial."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.cli.terminal import lrsweep

Curve = list[tuple[int, float]]


@dataclass(frozen=True)
class Swept:
    """How a sweep ended: exit code, JSON document, messages, and each trial's curves by rate."""

    code: int
    document: dict[str, Any]
    said: str
    curves: dict[float, dict[str, Curve]] = field(default_factory=dict)
    values: dict[float, float | None] = field(default_factory=dict)

    def curve(self, rate: float, metric: str) -> Curve:
        return self.curves[rate].get(metric, [])


def sweep(folder: Path, script: str, rates: str, *options: str, quiet: bool = True) -> Swept:
    """`lrsweep run` of the text `script` over the learning rates `rates`, as a grid."""
    (folder / "train.py").write_text(script, encoding="utf-8")
    said = lrsweep(
        folder,
        *("run", "train.py", "-s", f"lr={rates}", "--sampler", "grid", "--json"),
        *(("-q",) if quiet else ()),
        *options,
    )
    document = json.loads(said.stdout) if said.stdout else {}
    curves, values = _recorded(folder / "lrsweep.db")
    return Swept(said.returncode, document, said.stderr, curves, values)


def _recorded(
    database: Path,
) -> tuple[dict[float, dict[str, Curve]], dict[float, float | None]]:
    curves: dict[float, dict[str, Curve]] = {}
    values: dict[float, float | None] = {}
    if not database.exists():
        return curves, values
    connection = sqlite3.connect(database)
    rates = {}
    for number, params, value in connection.execute(
        "SELECT number, params, value FROM lrsweep_attempts ORDER BY attempt"
    ):
        rates[number] = json.loads(params)["lr"]
        values[rates[number]] = value
        curves[rates[number]] = {}
    for number, name, step, value in connection.execute(
        "SELECT number, name, step, value FROM lrsweep_points"
        " WHERE name NOT IN ('examples', 'fraction') ORDER BY number, attempt, place"
    ):
        curves[rates[number]].setdefault(name, []).append((step, value))
    connection.close()
    return curves, values
