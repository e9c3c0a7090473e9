"""A sweep's folder belongs to one study, by the study's identity, and to one sweep at a time.

<sweep dir>/
    study.json      whose it is: identity, name and database of the study
    .lock           held by the sweep that writes here
    trials/…
"""

from __future__ import annotations

import json
import os
import shlex
from itertools import islice
from pathlib import Path
from typing import Any

from lrsweep.errors import StorageError, StudyMismatch
from lrsweep.plan import SweepPlan
from lrsweep.protocol import TrialFolder, read_object, write_atomically
from lrsweep.storage_url import shown
from lrsweep.store.lock import FileHeld

MARKER = "study.json"
# Of the trial folders, so many are looked at for whose they are.
_LOOKED_AT = 20


def check_folder(folder: Path, identity: str | None, *, older: bool = False) -> None:
    """Raises `StudyMismatch` where `folder` holds what another study has written; writes nothing.

    `identity` is that of the study; None where it is still to be made. An `older` study was made
    before studies had one, and so were folders that name none.
    """
    owners = _owners(folder)
    if not owners or owners == {identity} or (older and owners <= {identity, None}):
        return
    name = read_marker(folder).get("name")
    whose = f"another study, {name!r}" if isinstance(name, str) else "another study"
    where = shlex.quote(os.path.relpath(folder))
    raise StudyMismatch(
        f"the folder {where} holds the trials of {whose}",
        hint="give this study another with --dir, remove that one if it is not needed, or make a "
        f"study of it again: lrsweep recover --dir {where}",
    )


def claim_folder(folder: Path) -> FileHeld:
    """The lock of `folder`, which is made where it is missing.

    Raises `StudyMismatch` where another sweep holds it, `StorageError` where it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"cannot make the folder {folder}: {error.strerror}") from error
    lock = FileHeld.take(folder / ".lock", wait=False, what="the sweep's folder")
    if lock is None:
        raise StudyMismatch(
            f"the folder {folder} is in use by another lrsweep",
            hint="wait for its end, or give this study a folder of its own with --dir",
        )
    return lock


def mark_folder(plan: SweepPlan, identity: str) -> None:
    """Write down whose the folder of `plan` is, and what its study is; raises `StorageError`."""
    folder = plan.sweep_dir
    content = {
        "study": identity,
        "name": plan.study,
        "storage": shown(plan.storage),
        "plan": plan.facts(),
        "metric_regex": plan.settings.metric_regex,
        "metric_file": list(plan.settings.metric_file),
    }
    if read_marker(folder) == content:
        return
    try:
        write_atomically(folder / MARKER, json.dumps(content, indent=1) + "\n")
    except OSError as error:
        raise StorageError(f"cannot write into the folder {folder}: {error.strerror}") from error


def read_marker(folder: Path) -> dict[str, Any]:
    """What `mark_folder` wrote; empty where it wrote nothing."""
    return read_object(folder / MARKER)


def _owners(folder: Path) -> set[object]:
    """The identities that stand in `folder`; None among them for trials that name none."""
    marker = read_marker(folder).get("study")
    if marker is not None:
        return {marker}
    try:
        found = list(islice((folder / "trials").iterdir(), _LOOKED_AT))
    except OSError:
        return set()
    trials = (TrialFolder(path).read_trial() for path in found)
    return {trial.get("study") for trial in trials if trial}
