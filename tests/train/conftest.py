"""What tests of training share: one thread, a quiet trial, the digits study."""

import runpy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import torch

from lrsweep.client import CurrentTrial
from lrsweep.train import Examples

STUDIES = Path(__file__).parents[2] / "studies"


@dataclass
class Recorder(CurrentTrial):
    """A trial that keeps its reports: `metrics[i]` was reported at `steps[i]`."""

    folder: Path | None = None
    metrics: list[dict[str, float]] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    examples: list[int] = field(default_factory=list)
    on_report: Callable[[int], None] = lambda _: None

    def report(self, step: int, metrics: Mapping[str, Any] | None = None, /, **more: Any) -> None:
        self.examples.append(more.pop("examples", None))
        more.pop("fraction", None)
        self.steps.append(step)
        self.metrics.append({**(metrics or {}), **more})
        self.on_report(step)


@dataclass(frozen=True)
class Digits:
    """The digits study's models and data."""

    train: Examples
    validation: Examples
    test: Examples
    models: Mapping[str, Callable[[], torch.nn.Module]]


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture(scope="session")
def digits() -> Digits:
    study = runpy.run_path(str(STUDIES / "digits" / "train.py"))
    train, validation, test = study["load"](torch.device("cpu"))
    return Digits(train, validation, test, study["MODELS"])
