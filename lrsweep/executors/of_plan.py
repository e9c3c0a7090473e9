"""From a plan to the executor that runs it, and to the processes that a former run of it left."""

from __future__ import annotations

from collections.abc import Iterable

from lrsweep.devices.slots import device_environment
from lrsweep.errors import PlanError
from lrsweep.executors.local import LocalExecutor
from lrsweep.executors.warm import WarmExecutor, can_fork, runs_this_python
from lrsweep.jobs.capturing import capture_of
from lrsweep.plan import SweepPlan
from lrsweep.processes import families
from lrsweep.processes.connection import default_environment
from lrsweep.protocol import TrialFolder
from lrsweep.settings.settings import size_bytes
from lrsweep.trial import Slot


def make_executor(plan: SweepPlan, slot: Slot) -> LocalExecutor:
    """The executor for `plan`, with its launcher on the way.

    `slot` is one of the slots: warm starts prepare for as many threads as it has. Raises
    `PlanError` where warm starts are asked for and the command does not allow them.
    """
    target, owner = plan.target, families.owner_of(*_identity(plan))
    capture, max_log = capture_of(plan), size_bytes(plan.settings.max_log)
    if starts_warm(plan, slot):
        env = _environment(slot)
        return WarmExecutor(
            target.argv, cwd=target.cwd, env=env, owner=owner, capture=capture, max_log=max_log
        )
    if plan.settings.start == "warm":
        raise PlanError(
            f"--start warm: {target.label} is not started as `python script.py` or"
            " `python -m module` with the Python that runs lrsweep, or this is not Linux",
            hint="--start auto",
        )
    return LocalExecutor(owner, cwd=target.cwd, capture=capture, max_log=max_log)


def starts_warm(plan: SweepPlan, slot: Slot) -> bool:
    """Whether trials of `plan` are forked from a process that has done their imports."""
    target = plan.target
    return (
        plan.settings.start != "cold"
        and can_fork()
        and runs_this_python(target.argv, _environment(slot), target.cwd)
    )


def _environment(slot: Slot) -> dict[str, str]:
    return {**default_environment(), **device_environment(slot)}


def end_former_run(plan: SweepPlan, folders: Iterable[str]) -> int:
    """Kill what a dead sweep of this study left running; how many processes that were.

    `folders` are those of the trials that it left open. Only a process that is proven to be its
    own is touched: by the mark in its environment, or by its number and start in `trial.json`.
    """
    ended = families.end_leftovers(*_identity(plan))
    for folder in folders:
        trial = TrialFolder(folder).read_trial()
        pid, start = trial.get("pid"), trial.get("pid_started_at")
        if isinstance(pid, int) and isinstance(start, str):
            ended += families.end_if_still(pid, start)
    return ended


def _identity(plan: SweepPlan) -> tuple[str, str, str]:
    return plan.storage, plan.study, str(plan.sweep_dir)
