"""One training over several processes: torchrun starts them, each takes its part of every batch."""

from __future__ import annotations

import contextlib
import gc
import os
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from lrsweep.errors import InputError

T = TypeVar("T")


class World:
    """The processes that train together; a world of one where torchrun did not start this one.

    Every process draws the same batches and trains on its own part. Process 0 alone evaluates,
    reports and decides, and tells the others, so that none waits for one that has stopped.
    """

    def __init__(self, device: torch.device) -> None:
        self.size = int(os.environ.get("WORLD_SIZE") or 1)
        self.rank = int(os.environ.get("RANK") or 0)
        self._device = device
        if self.size > 1 and not dist.is_initialized():
            dist.init_process_group("nccl" if device.type == "cuda" else "gloo")

    @property
    def leads(self) -> bool:
        return self.rank == 0

    def leave(self) -> None:
        """End the exchange with the other processes; wrapped models must be let go of before."""
        if self.size > 1:
            gc.collect()  # their hooks hold the group, whose threads must end before the process
            dist.destroy_process_group()

    def wrap(self, model: nn.Module, *, freezes: bool) -> nn.Module:
        """`model` with gradients averaged over the world; `freezes` where blocks thaw later on."""
        if self.size == 1:
            return model
        devices = [self._device] if self._device.type == "cuda" else None
        return DistributedDataParallel(model, device_ids=devices, find_unused_parameters=freezes)

    def part(self, indices: Tensor) -> Tensor:
        """This process's part of a batch's `indices`. Raises `InputError` where there is none."""
        if len(indices) < self.size:
            raise InputError(
                f"a batch of {len(indices)} cannot be split over {self.size} processes"
            )
        return indices.tensor_split(self.size)[self.rank]

    def share(self, value: T) -> T:
        """Process 0's `value`, in every process."""
        if self.size == 1:
            return value
        box = [value]
        dist.broadcast_object_list(box, src=0, device=self._device)
        return box[0]

    def sum(self, value: Tensor) -> Tensor:
        """The sum of every process's `value`."""
        if self.size > 1:
            dist.all_reduce(value)
        return value


def exchange(model: nn.Module, *, wanted: bool) -> contextlib.AbstractContextManager[object]:
    """Within it, `backward` averages gradients over the world, or leaves that for later."""
    if wanted or not isinstance(model, DistributedDataParallel):
        return contextlib.nullcontext()
    return model.no_sync()
