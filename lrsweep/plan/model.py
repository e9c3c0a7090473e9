"""`SweepPlan`: one frozen, validated value that holds all a sweep needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lrsweep.plan.target import Target
from lrsweep.space import Space
from lrsweep.trial import Direction


@dataclass(frozen=True, slots=True)
class SweepPlan:
    """What to run, search and keep. Times are in seconds; `trials` None means the whole grid.

    `jobs` None means as many as the machine suggests; `sweep_command` is what the user typed. The
    sweep misses its threshold where the best value is above `fail_above` or below `fail_below`, and
    has failed too often where more than `max_failed` trials of a run failed. `remarks` say how what
    the user left open was understood.
    """

    study: str
    target: Target
    space: Space
    metric: str
    metric_regex: str | None
    metric_files: tuple[str, ...]
    direction: Direction
    sampler: str
    pruner: str
    trials: int | None
    jobs: int | None
    timeout_s: float | None
    trial_timeout_s: float | None
    seed: int
    storage: str
    sweep_dir: Path
    device: str
    gpus: str
    trials_per_gpu: int
    gpus_per_trial: int
    share_gpus: bool
    threads: int | None
    retries: int
    retry_crashed: bool
    start: str
    max_failed: int | None
    fail_above: float | None
    fail_below: float | None
    junit: Path | None
    sweep_command: tuple[str, ...]
    remarks: tuple[str, ...] = field(default=(), compare=False)

    def identity(self) -> dict[str, str]:
        """What must be equal, beside the space, for trials to be comparable."""
        return {
            "target": self.target.label,
            "template": "none" if self.target.template is None else str(self.target.template),
            "environment": " ".join(f"{k}={v}" for k, v in self.target.env) or "none",
            "metric": self.metric,
            "direction": self.direction.value,
        }

    def facts(self) -> dict[str, Any]:
        """What the study keeps of its plan, as JSON."""
        return {
            **self.identity(),
            "space": list(self.space.texts()),
            "sampler": self.sampler,
            "pruner": self.pruner,
            "sweep_command": list(self.sweep_command),
        }
