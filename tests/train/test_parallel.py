"""Two processes under torchrun train as one does, and stop as one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from lrsweep import protocol
from lrsweep.protocol import EventReader, TrialFolder
from lrsweep.train import Recipe, accuracy, fit
from lrsweep.trial import Report
from tests.train.conftest import STUDIES, Digits, Recorder

RECIPE = Recipe(lr=0.1, optimizer="momentum", batch_size=65, epochs=1, evaluations=4)
FLAGS = [
    "--lr",
    "0.1",
    "--optimizer",
    "momentum",
    "--batch-size",
    "65",
    "--epochs",
    "1",
    "--evaluations",
    "4",
]


def run_two(folder: Path, *flags: str) -> list[Report]:
    """Train digits as a trial in `folder`, over two processes; what it reported."""
    env = {**os.environ, protocol.ENV_FOLDER: str(folder), "OMP_NUM_THREADS": "1"}
    env["TMPDIR"] = str(folder)  # torchrun leaves a folder of logs behind
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    script = str(STUDIES / "digits" / "train.py")
    subprocess.run(
        [*launch, script, *FLAGS, *flags], env=env, check=True, capture_output=True, timeout=120
    )
    return list(EventReader(TrialFolder(folder).events).read())


@pytest.mark.slow
def test_two_processes_take_the_steps_of_one(
    tmp_path: Path, digits: Digits, recorder: Recorder
) -> None:
    torch.manual_seed(0)
    fit(
        digits.models["mlp"](),
        digits.train,
        digits.validation,
        loss=nn.functional.cross_entropy,
        metrics={"accuracy": accuracy},
        recipe=RECIPE,
        trial=recorder,
    )
    together = run_two(tmp_path, "--accumulate", "2")
    assert [r.examples for r in together] == recorder.examples
    for report, alone in zip(together, recorder.metrics, strict=True):
        for name in ("val_loss", "train_loss", "val_accuracy", "grad_norm"):
            assert report.metrics[name] == pytest.approx(alone[name], rel=1e-3)


@pytest.mark.slow
def test_all_processes_stop_when_the_sweep_says_so(tmp_path: Path) -> None:
    TrialFolder(tmp_path).ask_to_stop("behind the median")
    assert [r.step for r in run_two(tmp_path)] == [1]
