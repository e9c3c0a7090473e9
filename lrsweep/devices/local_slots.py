"""The slots of one sweep on this machine: its GPUs leased, or its share of the cores."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from lrsweep.devices.leases import GpuLeases
from lrsweep.devices.nvml import Gpu, Nvml, find_gpus
from lrsweep.devices.slots import (
    CPU,
    choose_gpus,
    cpu_count,
    has_room,
    make_slots,
    visible_gpus,
)
from lrsweep.errors import PlanError
from lrsweep.plan import SweepPlan
from lrsweep.plan.at_once import useful_jobs
from lrsweep.trial import Slot


def possible_slots(plan: SweepPlan, nvml: Nvml | None = None) -> list[Slot]:
    """The slots that `plan` gets where no other sweep has its GPUs.

    Raises `PlanError` where it asks for GPUs that are not there.
    """
    return _slots(plan, _wanted(plan, nvml))


class LocalSlots:
    """Holds the GPUs of a sweep while it runs. A context manager.

    `slots` are where its jobs run. Entering raises `PlanError` where every GPU that was asked for
    is another sweep's, and `StorageError` where the locks cannot be used.
    """

    def __init__(
        self, plan: SweepPlan, *, nvml: Nvml | None = None, lease_folder: Path | None = None
    ) -> None:
        self._plan = plan
        self._nvml = nvml
        self._leases = GpuLeases(lease_folder)
        self.slots: list[Slot] = []
        self._notes: list[str] = []
        self._full: set[str] = set()

    def __enter__(self) -> LocalSlots:
        gpus = _wanted(self._plan, self._nvml)
        if gpus and not self._plan.settings.share_gpus:
            self._leases.acquire(gpus, f"study {self._plan.study!r}, process {os.getpid()}")
            self._notes = [
                f"GPU {gpu.index} is used by another sweep ({owner}), and left to it"
                for gpu, owner in self._leases.taken.items()
            ]
            if not self._leases.held:
                raise PlanError(
                    f"every GPU is used by another sweep: {'; '.join(self._notes)}",
                    hint="wait for it, or run beside it with --share-gpus",
                )
            gpus = tuple(self._leases.held)
        try:
            self.slots = _slots(self._plan, gpus)
        except PlanError:
            self._leases.release()
            raise
        self._leases.keep([uuid for slot in self.slots for uuid in _uuids(slot)])
        return self

    def __exit__(self, *_error: object) -> None:
        self._leases.release()

    def notes(self) -> list[str]:
        """What the user should know of GPUs that were left out or are full, since the last call."""
        notes, self._notes = self._notes, []
        return notes

    def has_room(self, slot: Slot) -> bool:
        """Whether a trial's share of the memory of the slot's GPUs is free now."""
        if slot.device == CPU:
            return True
        now = {gpu.uuid: gpu for gpu in find_gpus(self._nvml)}
        free = all(
            uuid in now and has_room(now[uuid], self._plan.settings.trials_per_gpu)
            for uuid in _uuids(slot)
        )
        if not free and slot.device not in self._full:
            self._full.add(slot.device)
            gpus = slot.device.replace(",", " and ")
            self._notes.append(f"others use the memory of {gpus}; trials there wait for it")
        return free


def _uuids(slot: Slot) -> list[str]:
    return slot.device.split(",")


def _wanted(plan: SweepPlan, nvml: Nvml | None) -> tuple[Gpu, ...]:
    if plan.settings.device == CPU:
        return ()
    visible = visible_gpus(find_gpus(nvml), os.environ.get("CUDA_VISIBLE_DEVICES"))
    return choose_gpus(plan.settings.gpus, visible)


def _slots(plan: SweepPlan, gpus: Sequence[Gpu]) -> list[Slot]:
    return make_slots(
        plan.settings.device,
        plan.jobs,
        gpus,
        cpu_count(),
        trials_per_gpu=plan.settings.trials_per_gpu,
        gpus_per_trial=plan.settings.gpus_per_trial,
        most=useful_jobs(plan),
        threads=plan.settings.threads,
    )
