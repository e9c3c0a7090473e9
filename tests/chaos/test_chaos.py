"""The short form of benchmarks/chaos.py, which says what is killed and what is checked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CHAOS = Path(__file__).parents[2] / "benchmarks" / "chaos.py"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@pytest.mark.chaos
@pytest.mark.timeout(300)
def test_sweeps_survive_being_killed_starved_and_raced() -> None:
    command = [sys.executable, str(CHAOS), "--kills", "4", "--seed", "7"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "| values lost, doubled or of another attempt | 0 |" in done.stdout
