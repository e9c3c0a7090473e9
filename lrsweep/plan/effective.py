"""A plan written as the `sweep.toml` that reads back to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tomlkit
from tomlkit.items import Array

from lrsweep.plan.model import SweepPlan


def to_toml(plan: SweepPlan) -> str:
    """All that `plan` holds but what the user typed; a file of this text makes an equal plan."""
    document = tomlkit.document()
    for name, value in _settings(plan).items():
        if value is not None:
            document.add(name, value)
    space = tomlkit.table()
    for parameter in plan.space.parameters:
        space.add(parameter.label, str(parameter).removeprefix(f"{parameter.label}="))
    document.add("space", space)
    if plan.target.env:
        document.add("env", dict(plan.target.env))
    return tomlkit.dumps(document)


def _array(items: Sequence[str]) -> Array:
    array = tomlkit.array()
    array.extend(items)
    return array


def _settings(plan: SweepPlan) -> dict[str, Any]:
    target = plan.target
    return {
        "name": target.label,
        "command": _array(target.argv),
        "workdir": target.cwd,
        "args_style": target.style,
        "template": None if target.template is None else str(target.template.path),
        "isolate": target.isolate,
        "metric": plan.metric,
        "metric_regex": plan.metric_regex,
        "metric_file": _array(plan.metric_files) if plan.metric_files else None,
        "direction": plan.direction.value,
        "sampler": plan.sampler,
        "pruner": plan.pruner,
        "trials": plan.trials,
        "seed": plan.seed,
        "jobs": plan.jobs or "auto",
        "device": plan.device,
        "gpus": plan.gpus,
        "trials_per_gpu": plan.trials_per_gpu,
        "gpus_per_trial": plan.gpus_per_trial,
        "share_gpus": plan.share_gpus,
        "threads": plan.threads,
        "timeout": _duration(plan.timeout_s),
        "trial_timeout": _duration(plan.trial_timeout_s),
        "retries": plan.retries,
        "retry_crashed": plan.retry_crashed,
        "start": plan.start,
        "max_failed": plan.max_failed,
        "fail_above": plan.fail_above,
        "fail_below": plan.fail_below,
        "storage": plan.storage,
        "study": plan.study,
        "dir": str(plan.sweep_dir),
        "junit": None if plan.junit is None else str(plan.junit),
    }


def _duration(seconds: float | None) -> str | None:
    """`90s`, `10m`: in the largest unit that says it exactly."""
    if seconds is None:
        return None
    units = ((3600, "h"), (60, "m"))
    return next((f"{seconds / n:g}{u}" for n, u in units if seconds % n == 0), f"{seconds}s")
