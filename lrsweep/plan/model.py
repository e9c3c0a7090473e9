"""`SweepPlan`: one frozen, validated value that holds all a sweep needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lrsweep.plan.target import Target
from lrsweep.settings import Settings
from lrsweep.space import Space
from lrsweep.space.where import Where
from lrsweep.trial import Direction, Params


@dataclass(frozen=True, slots=True)
class SweepPlan:
    """What to run, search and keep; `trials` None means the whole grid.

    `jobs` None means as many as the machine suggests; `sweep_command` is what the user typed.
    `settings` are all settings in full, as `lrsweep config` prints them: what needs no reading
    beyond its check is taken from there (`settings.retries`). `remarks` say how what the user left
    open was understood. Points `first` (by plain names, some partial) come before what is searched,
    and every point meets the conditions `where`.
    """

    study: str
    target: Target
    space: Space
    metric: str
    direction: Direction
    trials: int | None
    jobs: int | None
    storage: str
    sweep_dir: Path
    junit: Path | None
    settings: Settings
    sweep_command: tuple[str, ...]
    remarks: tuple[str, ...] = field(default=(), compare=False)
    first: tuple[Params, ...] = ()
    where: tuple[Where, ...] = ()

    def identity(self) -> dict[str, str]:
        """What must be equal, beside the space, for trials to be comparable."""
        return {
            "target": self.target.label,
            "template": "none" if self.target.template is None else str(self.target.template),
            "environment": " ".join(f"{k}={v}" for k, v in self.target.env) or "none",
            "metric": self.metric,
            "direction": self.direction.value,
            "objective": self.settings.objective,
        }

    def facts(self) -> dict[str, Any]:
        """What the study keeps of its plan, as JSON."""
        return {
            **self.identity(),
            "space": list(self.space.texts()),
            "sampler": self.settings.sampler,
            "pruner": self.settings.pruner,
            "show_metric": list(self.settings.show_metric),
            "sweep_command": list(self.sweep_command),
        }
