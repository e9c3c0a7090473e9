"""Commands that only look or help answer at once, since they leave the large libraries alone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

LRSWEEP = Path(sys.executable).with_name("lrsweep")


def imported(
    arguments: Sequence[str], folder: Path, env: Mapping[str, str] | None = None
) -> set[str]:
    """The top-level modules that `lrsweep ARGUMENTS` imports; it must succeed."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", str(LRSWEEP), *arguments],
        cwd=folder,
        env=os.environ | (env or {}),
        check=True,
        capture_output=True,
        text=True,
    )
    names = re.findall(r"^import time:.*\|\s*([\w.]+)$", done.stderr, flags=re.MULTILINE)
    assert "lrsweep" in names
    return {name.partition(".")[0] for name in names}


def test_help_loads_no_large_library(tmp_path: Path) -> None:
    assert imported(["--help"], tmp_path).isdisjoint({"torch", "optuna", "pandas", "scipy"})


def test_completion_loads_no_large_library(tmp_path: Path) -> None:
    env = {"_LRSWEEP_COMPLETE": "complete_bash", "COMP_WORDS": "lrsweep re", "COMP_CWORD": "1"}
    assert imported([], tmp_path, env).isdisjoint({"torch", "optuna", "pandas", "scipy"})


@pytest.mark.parametrize(
    "arguments",
    [
        ["report"],
        ["report", "--format", "json"],
        ["report", "--format", "csv"],
        ["report", "--format", "markdown"],
        ["list"],
        ["show", "0"],
        ["logs", "0"],
        ["studies"],
    ],
    ids=" ".join,
)
def test_reading_a_study_loads_neither_torch_nor_optuna(arguments: list[str], swept: Path) -> None:
    assert imported(arguments, swept).isdisjoint({"torch", "optuna"})
