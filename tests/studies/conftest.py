"""Runs a study's script as a sweep would, inside the test's own process.

A fresh process spends seconds on importing torch; tests that need one start it themselves.
"""

import runpy
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from lrsweep import protocol
from lrsweep.protocol import EventReader, TrialFolder
from lrsweep.trial import Report

STUDIES = Path(__file__).parents[2] / "studies"

Run = Callable[..., list[Report]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run(study, *flags, seed=0)` runs it as a trial of a sweep and returns what it reported."""
    torch.set_num_threads(1)

    def run(study: str, *flags: str, seed: int = 0) -> list[Report]:
        script = STUDIES / study / "train.py"
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        monkeypatch.setenv(protocol.ENV_FOLDER, str(folder))
        monkeypatch.setenv(protocol.ENV_SEED, str(seed))
        monkeypatch.setattr(sys, "argv", [str(script), *flags])
        runpy.run_path(str(script), run_name="__main__")
        return list(EventReader(TrialFolder(folder).events).read())

    return run
