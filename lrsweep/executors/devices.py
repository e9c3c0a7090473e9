"""Slots: where jobs may run on this machine."""

from __future__ import annotations

import os

from lrsweep.errors import PlanError
from lrsweep.trial import Slot

CPU = "cpu"


def find_gpus() -> tuple[str, ...]:
    """UUIDs of the CUDA GPUs that the driver shows; empty without a driver or NVML's bindings."""
    try:
        import pynvml
    except ImportError:
        return ()
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return ()
    try:
        handles = map(pynvml.nvmlDeviceGetHandleByIndex, range(pynvml.nvmlDeviceGetCount()))
        return tuple(str(pynvml.nvmlDeviceGetUUID(handle)) for handle in handles)
    finally:
        pynvml.nvmlShutdown()


def cpu_count() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def make_slots(device: str, jobs: int | None, gpus: tuple[str, ...], cores: int) -> list[Slot]:
    """One slot a job: GPUs in turn where there are any, else shares of the cores.

    `device` is auto, cpu or cuda; `jobs` None means one a GPU, or one a core. Raises `PlanError`
    where cuda is asked for and no GPU is there.
    """
    if device == "cuda" and not gpus:
        raise PlanError("--device cuda: no CUDA GPU was found on this machine", hint="--device cpu")
    places = gpus if device != CPU and gpus else (CPU,)
    count = jobs or (len(places) if places != (CPU,) else cores)
    threads = max(1, cores // count)
    return [Slot(i, places[i % len(places)], threads) for i in range(count)]


def device_environment(slot: Slot) -> dict[str, str]:
    """What tells a training process which GPU and how many threads are its own.

    A CPU job gets an empty CUDA_VISIBLE_DEVICES, so that it sees no GPU at all.
    """
    threads = str(slot.threads)
    return {
        "CUDA_VISIBLE_DEVICES": "" if slot.device == CPU else slot.device,
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
        "OMP_NUM_THREADS": threads,
        "MKL_NUM_THREADS": threads,
        "OPENBLAS_NUM_THREADS": threads,
    }
