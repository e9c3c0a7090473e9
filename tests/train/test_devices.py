"""Devices and seeds."""

import random

import numpy
import pytest
import torch

from lrsweep.errors import InputError
from lrsweep.train import pick_device, seed_everything


def test_auto_takes_the_best_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert pick_device("auto") == torch.device("cuda", 0)
    monkeypatch.setenv("LOCAL_RANK", "3")
    assert pick_device("cuda") == torch.device("cuda", 3)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert pick_device("auto") == torch.device("cpu")


def test_a_device_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(InputError, match="no CUDA device"):
        pick_device("cuda")
    with pytest.raises(InputError, match="unknown device 'tpu'; choose one of auto, cpu, cuda"):
        pick_device("tpu")


def test_one_seed_for_every_generator() -> None:
    def draw() -> tuple[float, float, float]:
        seed_everything(3)
        return random.random(), float(numpy.random.rand()), float(torch.rand(()))

    assert draw() == draw()
