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

from lrsweep.errors import StorageError, StudyMismatch
from lrsweep.protocol import TrialFolder, write_atomically
from lrsweep.store.lock import FileHeld

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
    name = _marker(folder).get("name")
    whose = f"another study, {name!r}" if isinstance(name, str) else "another study"
    shown = shlex.quote(os.path.relpath(folder))
    raise StudyMismatch(
        f"the folder {shown} holds the trials of {whose}",
        hint="give this study another with --dir; or, if they are not needed: rm -r " + shown,
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


def mark_folder(folder: Path, identity: str, name: str, storage: str) -> None:
    """Write down whose `folder` is; raises `StorageError`."""
    content = {"study": identity, "name": name, "storage": storage}
    if _marker(folder) == content:
        return
    try:
        write_atomically(folder / "study.json", json.dumps(content, indent=1) + "\n")
    except OSError as error:
        raise StorageError(f"cannot write into the folder {folder}: {error.strerror}") from error


def _owners(folder: Path) -> set[object]:
    """The identities that stand in `folder`; None among them for trials that name none."""
    marker = _marker(folder).get("study")
    if marker is not None:
        return {marker}
    try:
        found = list(islice((folder / "trials").iterdir(), _LOOKED_AT))
    except OSError:
        return set()
    trials = (TrialFolder(path).read_trial() for path in found)
    return {trial.get("study") for trial in trials if trial}


def _marker(folder: Path) -> dict[str, object]:
    try:
        content = json.loads((folder / "study.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
