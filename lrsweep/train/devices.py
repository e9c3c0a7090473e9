"""Where to train, in which number format, and one seed for every random number on the way."""

from __future__ import annotations

import contextlib
import os
import random
import resource
import sys

import torch
from torch.amp.grad_scaler import GradScaler

from lrsweep.errors import InputError

DEVICES = ("auto", "cpu", "cuda")
PRECISIONS = ("fp32", "tf32", "bf16", "fp16")


def pick_device(name: str = "auto") -> torch.device:
    """The device called `name`: "cpu", "cuda", or "auto" for the best there is.

    "cuda" is the first device visible, or under torchrun the one of this process. Raises
    `InputError` for "cuda" where there is none.
    """
    if name not in DEVICES:
        raise InputError(f"unknown device {name!r}; choose one of {', '.join(DEVICES)}")
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cpu":
        return torch.device("cpu")
    if not torch.cuda.is_available():
        raise InputError("no CUDA device is visible here", hint="--device cpu")
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))


def seed_everything(seed: int) -> None:
    """Seed Python's, numpy's and torch's generators, on every device.

    Call it before building the model. numpy's is seeded where the script has imported it.
    """
    random.seed(seed)
    if (numpy := sys.modules.get("numpy")) is not None:
        numpy.random.seed(seed % 2**32)
    torch.manual_seed(seed)


def peak_memory_mib(device: torch.device) -> float:
    """The most memory in use so far, in MiB: of the GPU's, or of this process on the CPU."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 2**20
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, KiB elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


class Precision:
    """Number formats of one training: autocast for the forward pass, a loss scaler for fp16.

    "tf32" and "fp32" set torch's precision of float32 matrix products, for the whole process.
    """

    def __init__(self, name: str, device: torch.device) -> None:
        if name not in PRECISIONS:
            raise InputError(f"unknown precision {name!r}; choose one of {', '.join(PRECISIONS)}")
        self._device = device.type
        self._dtype = {"bf16": torch.bfloat16, "fp16": torch.float16}.get(name)
        self.scaler = GradScaler(device.type, enabled=name == "fp16")
        if self._dtype is None:
            torch.set_float32_matmul_precision("high" if name == "tf32" else "highest")

    def autocast(self) -> contextlib.AbstractContextManager[object]:
        if self._dtype is None:
            return contextlib.nullcontext()
        return torch.autocast(self._device, dtype=self._dtype)
