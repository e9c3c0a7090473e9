"""A real, finished sweep that the tests of this folder read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LRSWEEP = Path(sys.executable).with_name("lrsweep")

TRIAL_SCRIPT = """
import lrsweep

trial = lrsweep.current_trial()
for epoch in range(1, 4):
    trial.report(epoch, val_loss=(trial.params["lr"] - 0.1) ** 2 + 1 / epoch)
"""


@pytest.fixture(scope="session")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a sweep of three quick trials: `lrsweep.db` is in it."""
    folder = tmp_path_factory.mktemp("swept")
    (folder / "script.py").write_text(TRIAL_SCRIPT, encoding="utf-8")
    command = [str(LRSWEEP), "run", "script.py", "-s", "lr=1e-3:1", "-n", "3", "-j", "1", "-q"]
    command += ["--sampler", "random", "--metric", "val_loss", "--direction", "minimize"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder
