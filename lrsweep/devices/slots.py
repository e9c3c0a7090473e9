"""Slots: where jobs may run on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from lrsweep.devices.nvml import Gpu, find_gpus
from lrsweep.errors import PlanError
from lrsweep.trial import Slot

__all__ = [
    "CPU",
    "choose_gpus",
    "cpu_count",
    "device_environment",
    "find_gpus",
    "has_room",
    "make_slots",
    "visible_gpus",
]

CPU = "cpu"
_ROOM = 0.8


def cpu_count() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def visible_gpus(gpus: Iterable[Gpu], visible: str | None) -> tuple[Gpu, ...]:
    """Those of `gpus` that `visible`, a value of CUDA_VISIBLE_DEVICES, leaves; None leaves all.

    As CUDA does, it goes from left to right and stops at the first entry that names no GPU.
    """
    every = tuple(gpus)
    if visible is None:
        return every
    left: list[Gpu] = []
    for entry in visible.split(","):
        gpu = _named(every, entry.strip())
        if gpu is None:
            break
        left.append(gpu)
    return tuple(left)


def choose_gpus(wanted: str, gpus: Sequence[Gpu]) -> tuple[Gpu, ...]:
    """What `--gpus` means: "all", "none", or indices and UUIDs (or their beginnings) with commas.

    Raises `PlanError` for a name that is no GPU, or is one named twice.
    """
    if wanted == "all":
        return tuple(gpus)
    if wanted == "none":
        return ()
    chosen: list[Gpu] = []
    for name in (part.strip() for part in wanted.split(",")):
        gpu = _named(gpus, name)
        if gpu is None:
            known = ", ".join(f"{gpu.index} ({gpu.name}, {gpu.uuid})" for gpu in gpus)
            raise PlanError(
                f"--gpus {wanted}: there is no GPU {name!r}; "
                + (f"there are {known}" if known else "no GPU was found on this machine"),
                hint="--gpus all" if known else "--gpus none",
            )
        if gpu in chosen:
            raise PlanError(
                f"--gpus {wanted}: {name!r} names GPU {gpu.index} a second time",
                hint="--trials-per-gpu 2 runs two trials on each",
            )
        chosen.append(gpu)
    return tuple(chosen)


def has_room(gpu: Gpu, trials_per_gpu: int = 1) -> bool:
    """Whether a trial's share of the GPU's memory is about free, as last looked at."""
    return gpu.free >= _ROOM * gpu.total / trials_per_gpu


def make_slots(
    device: str,
    jobs: int | None,
    gpus: Sequence[Gpu],
    cores: int,
    *,
    trials_per_gpu: int = 1,
    gpus_per_trial: int = 1,
    threads: int | None = None,
    most: int | None = None,
) -> list[Slot]:
    """One slot a job: GPUs, or groups of them, in turn where there are any, else shares of cores.

    `device` is auto, cpu or cuda; `jobs` None means `trials_per_gpu` on each GPU, or one a core,
    but at most `most`; `threads` None shares the cores out. On the CPU a trial of several GPUs is
    as many processes.
    Raises `PlanError` where cuda is asked for and no GPU is there, or too few for one trial.
    """
    if device == "cuda" and not gpus:
        raise PlanError("--device cuda: no CUDA GPU was found on this machine", hint="--device cpu")
    groups = _groups(gpus, gpus_per_trial) if gpus and device != CPU else []
    places = [(",".join(gpu.uuid for gpu in group), _kind(group)) for group in groups]
    suggested = len(places) * trials_per_gpu or max(1, cores // gpus_per_trial)
    count = jobs or (suggested if most is None else min(suggested, most))
    share = threads or max(1, cores // (count * gpus_per_trial))
    places = places or [(CPU, CPU)]
    here = [places[i % len(places)] for i in range(count)]
    return [Slot(i, place, share, kind, gpus_per_trial) for i, (place, kind) in enumerate(here)]


def _groups(gpus: Sequence[Gpu], size: int) -> list[tuple[Gpu, ...]]:
    """GPUs of one model, `size` at a time; those that are left over are in none."""
    if size == 1:
        return [(gpu,) for gpu in gpus]
    if any(gpu.uuid.startswith("MIG-") for gpu in gpus):
        raise PlanError(
            f"--gpus-per-trial {size}: a process sees one MIG device at most",
            hint="choose GPUs that are not cut up with --gpus",
        )
    models = dict.fromkeys(gpu.name for gpu in gpus)
    alike = [[gpu for gpu in gpus if gpu.name == model] for model in models]
    groups = [
        tuple(of_model[start : start + size])
        for of_model in alike
        for start in range(0, len(of_model) - size + 1, size)
    ]
    if not groups:
        most = max(map(len, alike))
        raise PlanError(
            f"--gpus-per-trial {size}: this sweep has {most} GPU{'s' if most > 1 else ''}"
            " of one model",
            hint=f"--gpus-per-trial {most}" if most > 1 else "leave it out",
        )
    return groups


def _kind(group: Sequence[Gpu]) -> str:
    """What a batch size that ran out of memory holds for: the model, and how many share it."""
    return group[0].name if len(group) == 1 else f"{len(group)} × {group[0].name}"


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


def _named(gpus: Sequence[Gpu], name: str) -> Gpu | None:
    """The GPU with this index or UUID, or the only one whose UUID begins so."""
    for gpu in gpus:
        if name in (gpu.index, gpu.uuid):
            return gpu
    if not name.startswith(("GPU-", "MIG-")):
        return None
    begun = [gpu for gpu in gpus if gpu.uuid.startswith(name)]
    return begun[0] if len(begun) == 1 else None
