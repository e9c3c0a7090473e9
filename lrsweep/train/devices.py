"""Where to train, and one seed for every random number on the way."""

from __future__ import annotations

import random

import torch

from lrsweep.errors import InputError

DEVICES = ("auto", "cpu", "cuda")


def pick_device(name: str = "auto") -> torch.device:
    """The device called `name`: "cpu", "cuda" (the first one visible), or "auto" for the best.

    Raises `InputError` for "cuda" where there is none.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name not in DEVICES:
        raise InputError(f"unknown device {name!r}; choose one of {', '.join(DEVICES)}")
    if name == "cuda" and not torch.cuda.is_available():
        raise InputError("no CUDA device is visible here", hint="--device cpu")
    return torch.device(name)


def seed_everything(seed: int) -> None:
    """Seed Python's and torch's generators, on every device. Call it before building the model."""
    random.seed(seed)
    torch.manual_seed(seed)
