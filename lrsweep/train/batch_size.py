"""How a learning rate found at one batch size carries over to another."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

SCALING_RULES: Mapping[str, Callable[[float], float]] = {
    "none": lambda _: 1.0,
    # Goyal et al. 1706.02677: right for SGD until the batch is so large that curvature binds.
    "linear": lambda ratio: ratio,
    # Malladi et al. 2205.10287: right for Adam and its kin.
    "sqrt": math.sqrt,
}


def scaled_lr(lr: float, batch_size: int, rule: str, base_batch: int) -> float:
    """`lr`, which was meant for batches of `base_batch`, carried over to `batch_size`."""
    return lr * SCALING_RULES[rule](batch_size / base_batch)
