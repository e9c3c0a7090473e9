"""All tasks: those that defaults were tuned on, and those that were looked at only afterwards."""

from __future__ import annotations

from pathlib import Path

from benchmarks.search.recorded import deepobs, steplaw
from benchmarks.search.synthetic import synthetic
from benchmarks.search.tables import tables
from benchmarks.search.task import Task


def suite(data: Path | None) -> dict[str, Task]:
    """Every task by name; recorded ones only where `data` is a folder that holds them."""
    found = [*synthetic(), *tables()]
    if data is not None:
        found += [*deepobs(data), *steplaw(data)]
    return {task.name: task for task in found}
