"""From a plan to the executor that runs it."""

from __future__ import annotations

from lrsweep.devices.local_slots import LocalSlots, possible_slots
from lrsweep.devices.slots import device_environment
from lrsweep.errors import PlanError
from lrsweep.executors.local import LocalExecutor
from lrsweep.executors.warm import WarmExecutor, can_fork, runs_this_python
from lrsweep.jobs.capturing import capture_of
from lrsweep.plan import SweepPlan
from lrsweep.processes.connection import default_environment
from lrsweep.settings.settings import size_bytes
from lrsweep.trial import Slot

__all__ = ["make_executor", "possible_slots", "starts_warm"]


def make_executor(plan: SweepPlan) -> LocalExecutor:
    """The executor for `plan`, with its launcher on the way; entering it takes the slots.

    Raises `PlanError` where the slots cannot be had, or where warm starts are asked for and the
    command does not allow them.
    """
    slot, target = possible_slots(plan)[0], plan.target
    identity = (plan.storage, plan.study, str(plan.sweep_dir))
    place, capture = LocalSlots(plan), capture_of(plan)
    max_log = size_bytes(plan.settings.max_log)
    if starts_warm(plan, slot):
        return WarmExecutor(
            target.argv,
            *identity,
            place=place,
            slot=slot,
            cwd=target.cwd,
            capture=capture,
            max_log=max_log,
        )
    if plan.settings.start == "warm":
        raise PlanError(
            f"--start warm: {target.label} is not started as `python script.py` or"
            " `python -m module` with the Python that runs lrsweep, or this is not Linux",
            hint="--start auto",
        )
    return LocalExecutor(*identity, place=place, cwd=target.cwd, capture=capture, max_log=max_log)


def starts_warm(plan: SweepPlan, slot: Slot) -> bool:
    """Whether trials of `plan` are forked from a process that has done their imports."""
    target = plan.target
    env = {**default_environment(), **device_environment(slot)}
    return (
        plan.settings.start != "cold"
        and can_fork()
        and runs_this_python(target.argv, env, target.cwd)
    )
