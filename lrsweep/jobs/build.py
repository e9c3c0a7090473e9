"""From an attempt and a slot to a job: its command, its environment, its folder."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lrsweep import protocol
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
from lrsweep.trial import Attempt, Job, Member, ParamValue, Slot, job_id


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
        **target.environment(params, facts),
        protocol.ENV_FOLDER: folder,
        protocol.ENV_TRIAL: str(key.trial),
        protocol.ENV_ATTEMPT: str(key.attempt),
        protocol.ENV_PARAMS: json.dumps(dict(params)),
        protocol.ENV_SEED: str(seed),
        protocol.ENV_STUDY: plan.study,
        protocol.ENV_STUDY_ID: study,
        protocol.ENV_METRIC: plan.metric,
        protocol.ENV_DIRECTION: plan.direction.value,
        ENV_OBSERVE: plan.settings.observe,
    }
    isolate, original = target.isolate or "", target.cwd if target.isolate else ""
    argv = (movable(target) if isolate else target).render(params, facts)
    cwd = own_workdir(target, files_of) if isolate else target.cwd
    members = (Member(key, params, seed, folder),)
    return Job(job_id(key), slot, members, argv, env, cwd, files, isolate, original, study)


def prepare_folders(job: Job) -> None:
    """Make the folders of its members, and write `trial.json` into each.

    Raises `StorageError` where that fails.
    """
    for member in job.members:
        folder = TrialFolder(member.folder)
        try:
            folder.path.mkdir(parents=True, exist_ok=True)
            for left in (folder.stop, folder.exit):
                left.unlink(missing_ok=True)
            if member is job.first:
                _prepare_process(job, folder)
            folder.write_trial(_facts(job, member, folder))
        except OSError as error:
            raise StorageError(
                f"cannot write the trial folder {folder.path}: {error.strerror}"
            ) from error


def _prepare_process(job: Job, folder: TrialFolder) -> None:
    for name, text in job.files.items():
        write_atomically(folder.path / name, text)
    if len(job.members) > 1:
        write_atomically(folder.members, protocol.encode_members(job.members))
    if job.isolate:
        make_own_folder(job)


def _facts(job: Job, member: Member, folder: TrialFolder) -> dict[str, Any]:
    return {
        "study": job.study,
        "trial": member.key.trial,
        "attempt": member.key.attempt,
        "params": dict(member.params),
        "seed": member.seed,
        "command": list(job.argv),
        "cwd": job.cwd,
        "job": job.id,
        "device": job.slot.device,
        "threads": job.slot.threads,
        "started_at": time.time(),
        "read_from": asdict(ReadFrom.now(folder)),
    }


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
