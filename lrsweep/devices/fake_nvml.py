"""A machine with any GPUs you like, for tests of what stands above NVML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FakeMemory:
    """Bytes."""

    free: int
    total: int


@dataclass(frozen=True, slots=True)
class FakeGpu:
    """A GPU, or one of its MIG devices; `migs` has None where a place is empty."""

    uuid: str
    name: str = "Fake GPU"
    free: int = 80 << 30
    total: int = 80 << 30
    migs: Sequence[FakeGpu | None] = ()


class FakeNvmlError(Exception):
    """What NVML raises."""


class FakeNvml:
    """Answers as `pynvml` does on a machine with `gpus`; `driver` false is one without a driver."""

    NVMLError = FakeNvmlError

    def __init__(self, gpus: Sequence[FakeGpu] = (), *, driver: bool = True) -> None:
        self._gpus = gpus
        self._driver = driver
        self.open = 0

    def nvmlInit(self) -> None:
        if not self._driver:
            raise FakeNvmlError("Driver Not Loaded")
        self.open += 1

    def nvmlShutdown(self) -> None:
        self.open -= 1

    def nvmlDeviceGetCount(self) -> int:
        return len(self._gpus)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> FakeGpu:
        return self._gpus[index]

    def nvmlDeviceGetUUID(self, handle: FakeGpu) -> str:
        return handle.uuid

    def nvmlDeviceGetName(self, handle: FakeGpu) -> str:
        return handle.name

    def nvmlDeviceGetMemoryInfo(self, handle: FakeGpu) -> FakeMemory:
        return FakeMemory(handle.free, handle.total)

    def nvmlDeviceGetMaxMigDeviceCount(self, handle: FakeGpu) -> int:
        if not handle.migs:
            raise FakeNvmlError("Not Supported")
        return len(handle.migs)

    def nvmlDeviceGetMigDeviceHandleByIndex(self, handle: FakeGpu, index: int) -> FakeGpu:
        mig = handle.migs[index]
        if mig is None:
            raise FakeNvmlError("Not Found")
        return mig
