"""Sequence-length warm-up: train on short sequences first (Li et al., 2108.06084)."""

from __future__ import annotations

from dataclasses import dataclass

from lrsweep.errors import InputError
from lrsweep.train.examples import Batch


@dataclass(frozen=True, slots=True)
class SequenceWarmup:
    """Cuts batches of inputs and targets `(b, t)` to a length that grows from `start` to t.

    `over` is the share of the training that this takes; lengths are multiples of 8, which devices
    like and which keeps their number small. Pass it to `fit` as `transform`.
    """

    over: float
    start: int = 8

    def __post_init__(self) -> None:
        if not 0 <= self.over <= 1:
            raise InputError(f"sequence warm-up takes a share from 0 to 1, got {self.over}")

    def length(self, full: int, progress: float) -> int:
        """How long sequences of length `full` are at `progress`, 0 to 1."""
        if progress >= self.over:
            return full
        grown = self.start + (full - self.start) * progress / self.over
        return min(full, max(8, int(grown) // 8 * 8))

    def __call__(self, batch: Batch, progress: float) -> Batch:
        inputs, targets = batch
        length = self.length(inputs.shape[1], progress)
        return inputs[:, :length], targets[:, :length]
