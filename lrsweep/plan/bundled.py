"""The studies that come with lrsweep."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from lrsweep.plan.sweep_file import read_sweep_file


@dataclass(frozen=True, slots=True)
class BundledStudy:
    """One bundled study: `folder` holds its `sweep.toml`, `train.py` and README."""

    name: str
    description: str
    folder: Path
    metric: str
    space: tuple[str, ...]


def _studies_folder() -> Path:
    # In the wheel they lie inside the package, in a checkout beside it.
    package = Path(__file__).parents[1]
    inside = package / "studies"
    return inside if os.path.isdir(inside) else package.parent / "studies"


def find_bundled(name: str) -> Path | None:
    """The `sweep.toml` of the bundled study `name`; None where there is none."""
    file = _studies_folder() / name / "sweep.toml"
    return file if "/" not in name and os.path.isfile(file) else None


def bundled_studies() -> tuple[BundledStudy, ...]:
    """Every bundled study, by name."""
    found = []
    for path in sorted(_studies_folder().glob("*/sweep.toml")):
        file = read_sweep_file(path)
        found.append(
            BundledStudy(
                path.parent.name,
                file.description,
                path.parent,
                file.metric or "",
                file.space,
            )
        )
    return tuple(found)
