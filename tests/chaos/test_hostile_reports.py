"""The short form of benchmarks/hostile_reports.py, on both databases."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "hostile_reports.py"


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_hostile_lines_cost_no_report_beside_them(
    request: pytest.FixtureRequest, database: str
) -> None:
    command = [sys.executable, str(BENCHMARK), "--lines", "400"]
    if database == "postgresql":
        command += ["--storage", request.getfixturevalue("postgresql")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "every good report is in the database once" in done.stdout
