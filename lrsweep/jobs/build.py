"""From an attempt and a slot to a job: its command, its environment, its folder."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict
from pathlib import Path

from lrsweep import protocol
from lrsweep.devices.slots import device_environment
from lrsweep.errors import StorageError
from lrsweep.jobs.isolation import (
    make_own_folder,
    movable,
    own_workdir,
    remove_own_folder,
)
from lrsweep.jobs.report_reader import ReadFrom
from lrsweep.observe.surroundings import ENV_OBSERVE
from lrsweep.plan import SweepPlan
from lrsweep.plan.target import CONFIG
from lrsweep.protocol import TrialFolder, write_atomically
from lrsweep.trial import Attempt, Job, ParamValue, Slot


def make_job(plan: SweepPlan, attempt: Attempt, slot: Slot, seed: int, study: str = "") -> Job:
    """The job that runs `attempt` of the study with the identity `study`; touches nothing."""
    key, params = attempt.key, attempt.params
    files_of = TrialFolder.of(plan.sweep_dir, key.trial)
    folder = str(files_of.path)
    facts: dict[str, ParamValue] = {
        "trial": key.trial,
        "seed": seed,
        "dir": folder,
        "study": plan.study,
        "gpus": slot.processes,
    }
    target, files = plan.target, {}
    if target.template is not None:
        config = files_of.config(target.template.path.suffix)
        facts[CONFIG] = str(config)
        files[config.name] = target.config(params, facts)
    env = {
        **os.environ,
        **target.environment(params, facts),
        **device_environment(slot),
        "PYTHONUNBUFFERED": "1",
        protocol.ENV_FOLDER: folder,
        protocol.ENV_TRIAL: str(key.trial),
        protocol.ENV_ATTEMPT: str(key.attempt),
        protocol.ENV_PARAMS: json.dumps(dict(params)),
        protocol.ENV_SEED: str(seed),
        protocol.ENV_STUDY: plan.study,
        protocol.ENV_STUDY_ID: study,
        protocol.ENV_METRIC: plan.metric,
        ENV_OBSERVE: plan.settings.observe,
    }
    isolate, original = target.isolate or "", target.cwd if target.isolate else ""
    argv = (movable(target) if isolate else target).render(params, facts)
    cwd = own_workdir(target, files_of) if isolate else target.cwd
    return Job(key, argv, env, cwd, folder, params, seed, slot, files, isolate, original, study)


def prepare_folder(job: Job) -> None:
    """Make the trial's folder and write `trial.json`; raises `StorageError` where that fails."""
    folder = TrialFolder(job.folder)
    try:
        folder.path.mkdir(parents=True, exist_ok=True)
        for left in (folder.stop, folder.exit):
            left.unlink(missing_ok=True)
        for name, text in job.files.items():
            write_atomically(folder.path / name, text)
        if job.isolate:
            make_own_folder(job)
        folder.write_trial(
            {
                "study": job.study,
                "trial": job.key.trial,
                "attempt": job.key.attempt,
                "params": dict(job.params),
                "seed": job.seed,
                "command": list(job.argv),
                "cwd": job.cwd,
                "device": job.slot.device,
                "threads": job.slot.threads,
                "started_at": time.time(),
                "read_from": asdict(ReadFrom.now(folder)),
            }
        )
    except OSError as error:
        raise StorageError(
            f"cannot write the trial folder {folder.path}: {error.strerror}"
        ) from error


def tidy_folder(plan: SweepPlan, trial: int, *, again: bool = False) -> None:
    """Remove what a trial that has ended needs no more; raises `StorageError`.

    That is the working folder that it had of its own, and unless it is to be run `again`, its
    checkpoint.
    """
    folder, isolate = TrialFolder.of(plan.sweep_dir, trial), plan.target.isolate
    try:
        if not again:
            folder.checkpoint.unlink(missing_ok=True)
        if isolate is not None:
            remove_own_folder(isolate, folder.work, Path(plan.target.cwd))
    except OSError as error:
        raise StorageError(f"cannot remove {error.filename}: {error.strerror}") from error
