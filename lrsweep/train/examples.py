"""Examples kept whole on the device, and the order in which training sees them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

Batch = tuple[Tensor, Tensor]


@dataclass(frozen=True, slots=True)
class Examples:
    """Inputs `(n, …)` and targets `(n, …)` on one device; a batch is one indexing, no loader."""

    inputs: Tensor
    targets: Tensor

    def __post_init__(self) -> None:
        if len(self.inputs) != len(self.targets):
            raise ValueError(f"{len(self.inputs)} inputs but {len(self.targets)} targets")

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def device(self) -> torch.device:
        return self.inputs.device

    def to(self, device: torch.device | str) -> Examples:
        return Examples(self.inputs.to(device), self.targets.to(device))

    def select(self, indices: Sequence[int]) -> Examples:
        """The examples at `indices`, in that order."""
        return Examples(*self.take(torch.tensor(indices, device=self.device)))

    def take(self, indices: Tensor) -> Batch:
        """One batch: inputs and targets at `indices` `(b,)`."""
        return self.inputs[indices], self.targets[indices]

    def in_order(self, batch_size: int) -> Iterator[Batch]:
        """Every example once, in order, for evaluation."""
        for start in range(0, len(self), batch_size):
            stop = start + batch_size
            yield self.inputs[start:stop], self.targets[start:stop]


class Shuffle:
    """An endless order over `n` examples: a new permutation each epoch, drawn from `seed` alone.

    Batches run across the end of an epoch, so that all are full whatever the batch size, and a
    budget in epochs means the same number of examples for each.
    """

    def __init__(self, n: int, seed: int, device: torch.device) -> None:
        if n < 1:
            raise ValueError("there is no example to train on")
        self._n = n
        self._device = device
        # On the CPU, so that every device sees the same order, and apart from the global
        # generator, so that dropout does not change it.
        self._generator = torch.Generator().manual_seed(seed)
        self._left = torch.empty(0, dtype=torch.int64, device=device)

    def next(self, count: int) -> Tensor:
        """The next `count` indices, `(count,)`."""
        while len(self._left) < count:
            epoch = torch.randperm(self._n, generator=self._generator).to(self._device)
            self._left = torch.cat((self._left, epoch))
        indices, self._left = self._left[:count], self._left[count:]
        return indices

    def state_dict(self) -> dict[str, Any]:
        return {"generator": self._generator.get_state(), "left": self._left.clone()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._generator.set_state(state["generator"].cpu())
        self._left = state["left"].to(self._device)
