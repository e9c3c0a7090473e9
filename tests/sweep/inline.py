"""Sweeps whose trainings run in this process, on a study that is real."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import optuna

from lrsweep.devices.local_slots import LocalSlots
from lrsweep.executors.inline import InlineExecutor, Training
from lrsweep.plan import SweepPlan
from lrsweep.store.read import StudyReader
from lrsweep.sweep import SweepEnd, run_sweep
from lrsweep.trial import Job, Params, StudyRows, TrialRow

PlanMaker = Callable[..., SweepPlan]


@dataclass
class Notebook:
    """A listener that writes everything down."""

    started: list[Params] = field(default_factory=list)
    ended: list[TrialRow] = field(default_factory=list)
    reported_steps: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def trial_started(self, number: int, params: Params, slot: str) -> None:
        self.started.append(params)

    def reported(self, number: int, step: int, value: float | None, fraction: float | None) -> None:
        self.reported_steps.append(step)

    def trial_ended(self, row: TrialRow) -> None:
        self.ended.append(row)

    def note(self, text: str) -> None:
        self.notes.append(text)


def bowl(job: Job) -> Training:
    """Best at lr = 0.01; diverges above 0.5."""
    lr = float(job.first.params["lr"] or 0)
    for step in (1, 2, 3):
        loss = math.nan if lr > 0.5 and step > 1 else abs(math.log10(lr) + 2) + 1 / step
        yield step, {"val_loss": loss, "accuracy": 1 / (1 + loss)}
    return 0


def run(
    plan: SweepPlan, train: Callable[[Job], Training] = bowl, notebook: Notebook | None = None
) -> SweepEnd:
    return run_sweep(plan, notebook or Notebook(), InlineExecutor(train, LocalSlots(plan)))


@contextmanager
def opened_by_optuna(study: str, storage: str) -> Iterator[optuna.Study]:
    """The study as someone opens it who knows nothing of lrsweep."""
    database = optuna.storages.RDBStorage(storage)
    try:
        yield optuna.load_study(study_name=study, storage=database)
    finally:
        database.remove_session()
        database.engine.dispose()


def rows(plan: SweepPlan) -> StudyRows:
    with StudyReader(plan.storage) as reader:
        return reader.study(plan.study)
