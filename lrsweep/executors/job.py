"""From a proposal and a slot to a job: its command, its environment, its folder."""

from __future__ import annotations

import json
import os
import time

from lrsweep import protocol
from lrsweep.errors import StorageError
from lrsweep.executors.devices import device_environment
from lrsweep.plan import SweepPlan
from lrsweep.protocol import TrialFolder
from lrsweep.trial import Job, ParamValue, Proposal, Slot


def make_job(plan: SweepPlan, proposal: Proposal, slot: Slot, seed: int) -> Job:
    """The job that runs `proposal` in `slot`; touches nothing."""
    key, params = proposal.key, proposal.params
    folder = str(TrialFolder.of(plan.sweep_dir, key.trial).path)
    facts: dict[str, ParamValue] = {
        "trial": key.trial,
        "seed": seed,
        "dir": folder,
        "study": plan.study,
    }
    env = {
        **os.environ,
        **device_environment(slot),
        "PYTHONUNBUFFERED": "1",
        protocol.ENV_FOLDER: folder,
        protocol.ENV_TRIAL: str(key.trial),
        protocol.ENV_ATTEMPT: str(key.attempt),
        protocol.ENV_PARAMS: json.dumps(dict(params)),
        protocol.ENV_SEED: str(seed),
        protocol.ENV_STUDY: plan.study,
        protocol.ENV_METRIC: plan.metric,
    }
    argv = plan.target.render(params, facts)
    return Job(key, argv, env, plan.target.cwd, folder, params, seed, slot)


def prepare_folder(job: Job) -> None:
    """Make the trial's folder and write `trial.json`; raises `StorageError` where that fails."""
    folder = TrialFolder(job.folder)
    try:
        folder.path.mkdir(parents=True, exist_ok=True)
        folder.stop.unlink(missing_ok=True)
        folder.write_trial(
            {
                "trial": job.key.trial,
                "attempt": job.key.attempt,
                "params": dict(job.params),
                "seed": job.seed,
                "command": list(job.argv),
                "cwd": job.cwd,
                "device": job.slot.device,
                "threads": job.slot.threads,
                "started_at": time.time(),
            }
        )
    except OSError as error:
        raise StorageError(
            f"cannot write the trial folder {folder.path}: {error.strerror}"
        ) from error
