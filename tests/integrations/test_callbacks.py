"""Every callback in a real run of its framework, in a process of its own, as a sweep starts it."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lrsweep import protocol
from lrsweep.protocol import EventReader, TrialFolder
from lrsweep.trial import Report

LIGHTNING = """
import torch
from torch.utils.data import DataLoader, TensorDataset
from lightning.pytorch import LightningModule, Trainer
from lrsweep.integrations.lightning import LrsweepCallback

class Line(LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)

    def training_step(self, batch):
        x, y = batch
        loss = torch.nn.functional.mse_loss(self.layer(x), y)
        self.log("train_loss", loss, on_epoch=True, on_step=False)
        return loss

    def validation_step(self, batch):
        x, y = batch
        self.log("val_loss", torch.nn.functional.mse_loss(self.layer(x), y))

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)

x = torch.linspace(-1, 1, 16).unsqueeze(1)
data = DataLoader(TensorDataset(x, 2 * x), batch_size=4)
trainer = Trainer(
    max_epochs=3, callbacks=[LrsweepCallback()], logger=False, accelerator="cpu",
    enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
)
trainer.fit(Line(), data, data)
"""

TRANSFORMERS = """
import torch
from transformers import Trainer, TrainingArguments
from lrsweep.integrations.transformers import LrsweepCallback

class Line(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)

    def forward(self, x, labels):
        predicted = self.layer(x)
        return {"loss": torch.nn.functional.mse_loss(predicted, labels), "logits": predicted}

data = [{"x": torch.tensor([i / 8]), "labels": torch.tensor([i / 4])} for i in range(16)]
arguments = TrainingArguments(
    "out", num_train_epochs=3, per_device_train_batch_size=4, eval_strategy="epoch",
    logging_strategy="epoch", save_strategy="no", report_to="none", use_cpu=True,
    disable_tqdm=True, learning_rate=0.1,
)
Trainer(
    Line(), arguments, train_dataset=data, eval_dataset=data, callbacks=[LrsweepCallback()]
).train()
"""

KERAS = """
import numpy
import keras
from lrsweep.integrations.keras import LrsweepCallback

x = numpy.linspace(-1, 1, 16, dtype="float32").reshape(16, 1)
model = keras.Sequential([keras.layers.Dense(1)])
model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse")
model.fit(
    x, 2 * x, batch_size=4, epochs=3, validation_data=(x, 2 * x), verbose=0,
    callbacks=[LrsweepCallback()],
)
"""

SCRIPTS = {"lightning": LIGHTNING, "transformers": TRANSFORMERS, "keras": KERAS}


def run(folder: TrialFolder, package: str) -> subprocess.CompletedProcess[str]:
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"the {package} package is not installed")
    environment = {
        **os.environ,
        protocol.ENV_FOLDER: str(folder.path),
        protocol.ENV_TRIAL: "7",
        protocol.ENV_ATTEMPT: "2",
        "KERAS_BACKEND": "torch",
    }
    return subprocess.run(
        [sys.executable, "-c", SCRIPTS[package]],
        cwd=folder.path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def reports(folder: TrialFolder) -> list[Report]:
    return list(EventReader(folder.events).read())


def points(folder: TrialFolder, name: str) -> list[tuple[int, float]]:
    return [(r.step, r.metrics[name]) for r in reports(folder) if name in r.metrics]


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("package", "validated", "trained", "steps"),
    [
        ("lightning", "val_loss", "train_loss", [4, 8, 12]),
        ("transformers", "eval_loss", "loss", [4, 8, 12]),
        ("keras", "val_loss", "loss", [1, 2, 3]),
    ],
    ids=list(SCRIPTS),
)
def test_a_framework_reports_every_epoch(
    tmp_path: Path, package: str, validated: str, trained: str, steps: list[int]
) -> None:
    folder = TrialFolder(tmp_path)
    ran = run(folder, package)
    assert ran.returncode == 0, ran.stderr
    for name in (validated, trained):
        assert [step for step, _ in points(folder, name)] == steps
    values = [value for _, value in points(folder, validated)]
    assert values[-1] < values[0]
    fractions = [r.fraction for r in reports(folder) if validated in r.metrics]
    assert fractions == pytest.approx([1 / 3, 2 / 3, 1])
    assert {(r.trial, r.attempt) for r in reports(folder)} == {(7, 2)}


@pytest.mark.heavy
@pytest.mark.parametrize("package", SCRIPTS)
def test_a_framework_stops_when_the_sweep_says_so(tmp_path: Path, package: str) -> None:
    folder = TrialFolder(tmp_path)
    folder.ask_to_stop("behind the median")
    ran = run(folder, package)
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr
    assert len(reports(folder)) == 1
    assert folder.events.read_bytes().endswith(protocol.encode_stopped(7, 2))
