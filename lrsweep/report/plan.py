"""A plan as it was understood, before the first trial."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence

from lrsweep.analysis.objective import TAIL
from lrsweep.executors.of_plan import starts_warm
from lrsweep.plan import SweepPlan
from lrsweep.plan.data_parallel import is_torchrun
from lrsweep.scripts.styles import example
from lrsweep.space import Fixed
from lrsweep.storage_url import ENV_STORAGE, is_secret, shown
from lrsweep.terms import is_batch_size
from lrsweep.trial import Slot

_ISOLATED = {
    "copy": "each trial in a copy of its folder",
    "worktree": "each trial in a git worktree of HEAD; what is not committed is not in it",
}


def plan_lines(plan: SweepPlan, slots: Sequence[Slot]) -> list[str]:
    """Lines of text: what is run, how, and every parameter as it was understood."""
    trials = "the whole grid" if plan.trials is None else f"{plan.trials} trials"
    devices = Counter("cpu" if slot.device == "cpu" else "gpu" for slot in slots)
    where = ", ".join(f"{count} on {device}" for device, count in devices.items())
    start = "warm" if starts_warm(plan, slots[0]) else "cold"
    if is_torchrun(plan.target.argv):
        start = "by torchrun"
    lines = [
        f"study    {plan.study}  ({shown(plan.storage)})",
        f"target   {plan.target.label}",
        f"args     {_arguments(plan)}",
        f"search   {plan.settings.sampler}, {trials}, pruner {plan.settings.pruner},"
        f" {plan.direction} {_objective(plan)}",
        f"jobs     {where}, {_share(slots[0])}, started {start}",
        "space",
    ]
    if any(is_batch_size(name) for name in _searched(plan)):
        lines.insert(-1, "compare  by examples seen; a script's steps count as step × batch size")
    for remark in (*plan.remarks, *_about_password(plan.storage)):
        lines.insert(-1, f"note     {remark}")
    if plan.target.isolate is not None:
        lines.insert(-1, f"isolate  {_ISOLATED[plan.target.isolate]}")
    described = plan.space.describe()
    widths = [max(len(row[i]) for row in described) for i in (0, 1)]
    lines += [
        f"  {label:<{widths[0]}}  {kind:<{widths[1]}}  {values}"
        for label, kind, values in described
    ]
    return lines


def _about_password(url: str) -> list[str]:
    if not is_secret(url) or os.environ.get(ENV_STORAGE) == url:
        return []
    return [f"the storage has a password; lines to copy take it from ${ENV_STORAGE}: export it"]


def _objective(plan: SweepPlan) -> str:
    """The metric, and which of its values counts."""
    which = {"last": "the last value", "best": "the best value", "tail": f"mean of the last {TAIL}"}
    return f"{plan.metric} ({which[plan.settings.objective]} of a trial)"


def _share(slot: Slot) -> str:
    """What of the machine each trial gets."""
    threads = f"{slot.threads} thread{'s' if slot.threads > 1 else ''}"
    if slot.processes == 1:
        return f"{threads} each"
    unit = "processes" if slot.device == "cpu" else "GPUs"
    return f"{slot.processes} {unit} each with {threads}"


def _searched(plan: SweepPlan) -> list[str]:
    return [p.name for p in plan.space.parameters if not isinstance(p, Fixed)]


def _arguments(plan: SweepPlan) -> str:
    """How parameters reach the command, why so, and which of them the script does not show."""
    target = plan.target
    if target.style is None:
        return target.why
    known = target.interface
    strange = [n for n in plan.space.names() if known and known.known and not known.find(n)]
    but = f", but shows no {', '.join(strange)}" if strange else ""
    return f"{example(target.style)}  ({target.why}{but})"
