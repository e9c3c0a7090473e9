"""The NVIDIA GPUs of this machine, as the driver's management library (NVML) shows them.

A GPU that is cut into MIG devices counts as those devices: CUDA sees nothing else of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import pynvml


class Nvml(Protocol):
    """The part of the `pynvml` module that is used here; `FakeNvml` is the other one."""

    @property
    def NVMLError(self) -> type[Exception]: ...
    def nvmlInit(self) -> None: ...
    def nvmlShutdown(self) -> None: ...
    def nvmlDeviceGetCount(self) -> int: ...
    def nvmlDeviceGetHandleByIndex(self, index: int) -> Any: ...
    def nvmlDeviceGetUUID(self, handle: Any) -> str: ...
    def nvmlDeviceGetName(self, handle: Any) -> str: ...
    def nvmlDeviceGetMemoryInfo(self, handle: Any) -> Any: ...
    def nvmlDeviceGetMaxMigDeviceCount(self, handle: Any) -> int: ...
    def nvmlDeviceGetMigDeviceHandleByIndex(self, handle: Any, index: int) -> Any: ...


@dataclass(frozen=True, slots=True)
class Gpu:
    """A GPU or MIG device. `index` is "0", or "0:1" for a MIG device; memory is in bytes.

    `uuid` is what CUDA_VISIBLE_DEVICES takes, whatever order CUDA counts in.
    """

    index: str
    uuid: str
    name: str = ""
    free: int = 0
    total: int = 0


def find_gpus(nvml: Nvml | None = None) -> tuple[Gpu, ...]:
    """Every GPU that the driver shows; none without a driver."""
    library: Nvml = pynvml if nvml is None else nvml
    try:
        library.nvmlInit()
    except library.NVMLError:
        return ()
    try:
        return tuple(_gpus(library))
    finally:
        library.nvmlShutdown()


def _gpus(nvml: Nvml) -> Iterator[Gpu]:
    for number in range(nvml.nvmlDeviceGetCount()):
        handle = nvml.nvmlDeviceGetHandleByIndex(number)
        parts = list(_mig_devices(nvml, handle))
        for part, mig in enumerate(parts):
            yield _gpu(nvml, mig, f"{number}:{part}")
        if not parts:
            yield _gpu(nvml, handle, str(number))


def _mig_devices(nvml: Nvml, handle: Any) -> Iterator[Any]:
    try:
        count = nvml.nvmlDeviceGetMaxMigDeviceCount(handle)
    except nvml.NVMLError:  # no MIG on this GPU
        return
    for index in range(count):
        try:
            yield nvml.nvmlDeviceGetMigDeviceHandleByIndex(handle, index)
        except nvml.NVMLError:  # no device in this place
            continue


def _gpu(nvml: Nvml, handle: Any, index: str) -> Gpu:
    memory = nvml.nvmlDeviceGetMemoryInfo(handle)
    name, uuid = nvml.nvmlDeviceGetName(handle), nvml.nvmlDeviceGetUUID(handle)
    return Gpu(index, uuid, name, int(memory.free), int(memory.total))
