"""A study of many trials with 20 reports each, made by lrsweep with trainings that cost nothing.

Everything but the training processes is the real thing: the store, the sampler, the pruner, the
trial folders. Other benchmarks build on it.
"""

from __future__ import annotations

import os
from pathlib import Path

from lrsweep.executors.inline import InlineExecutor, Training
from lrsweep.plan import RunOptions, SweepPlan, build_plan
from lrsweep.sweep import run_sweep
from lrsweep.trial import Job, Params, TrialRow

REPORTS = 20


class Silence:
    """A listener that ignores everything."""

    def trial_started(self, number: int, params: Params, slot: str) -> None:
        """Nothing."""

    def reported(self, number: int, step: int, value: float | None, fraction: float | None) -> None:
        """Nothing."""

    def trial_ended(self, row: TrialRow) -> None:
        """Nothing."""

    def note(self, text: str) -> None:
        """Nothing."""


def train(job: Job) -> Training:
    """A curve of `REPORTS` points whose end depends on the learning rate."""
    floor = abs(float(job.first.params["lr"] or 0) - 0.01)
    for step in range(1, REPORTS + 1):
        yield step, {"val_loss": floor + 1 / step, "val_accuracy": 1 - 1 / step}
    return 0


def plan_of(folder: Path, trials: int, *, study: str = "large") -> SweepPlan:
    """A sweep of `trials` random trials with median pruning, in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "train.py").write_text("import lrsweep\n")
    os.chdir(folder)
    return build_plan(
        RunOptions(
            target="train.py",
            space=("lr=1e-5:1",),
            metric="val_loss",
            sampler="random",
            trials=trials,
            jobs=1,
            study=study,
            storage=f"sqlite:///{folder}/lrsweep.db",
            sweep_dir=str(folder / study),
            sweep_command=("lrsweep", "run"),
        )
    )


def grow(folder: Path, trials: int, *, study: str = "large") -> SweepPlan:
    """Run the study in `folder` up to `trials` trials."""
    plan = plan_of(folder, trials, study=study)
    run_sweep(plan, Silence(), InlineExecutor(train))
    return plan
