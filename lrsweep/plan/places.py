"""Names and paths that a sweep would write to, checked before anything is written."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from lrsweep.errors import PlanError

_LONGEST_NAME = 200
_UNSAFE = re.compile(r"[^\w.=-]+")
_LONGEST_FOLDER = 180
_NO_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def checked_study(name: str) -> str:
    """`name` where it can name a study; raises `PlanError`."""
    if not name.strip():
        raise PlanError("--study '' is empty", hint="leave it out, or try --study lr-sweep")
    if _NO_TEXT.search(name):
        raise PlanError(
            f"--study {name!r} holds characters that are no text", hint="try --study lr-sweep"
        )
    if len(name) > _LONGEST_NAME:
        raise PlanError(
            f"--study {name[:40]}… has {len(name)} characters, more than {_LONGEST_NAME}",
            hint="name it with --study",
        )
    return name


def folder_name(study: str) -> str:
    """A name for the folder of `study`: its own, or one made of it that no other study has."""
    plain = _UNSAFE.sub("_", study)
    # In UTF-8: a file system counts bytes.
    short = plain.strip(".").encode()[:_LONGEST_FOLDER].decode(errors="ignore")
    if plain == study and short and len(short) >= len(plain.strip(".")):
        return plain
    digest = hashlib.sha256(study.encode()).hexdigest()[:6]
    return f"{short or 'study'}-{digest}"


def checked_folder(flag: str, path: Path) -> Path:
    """`path` where a folder can be, or be made; raises `PlanError` naming `flag`."""
    try:
        existing = next(p for p in (path, *path.parents) if os.path.lexists(p))
    except (OSError, ValueError) as error:
        raise _unusable(flag, path, error) from error
    if not existing.is_dir():
        raise PlanError(f"{flag} {_short(path)}: {_short(existing)} is no folder")
    _check_names(flag, path)
    if not os.access(existing, os.W_OK | os.X_OK):
        raise PlanError(f"{flag} {_short(path)}: {_short(existing)} cannot be written to")
    return path


def checked_file(flag: str, path: Path) -> Path:
    """`path` where a file can be written, its folder made if need be; raises `PlanError`."""
    try:
        is_folder = path.is_dir()
    except (OSError, ValueError) as error:
        raise _unusable(flag, path, error) from error
    if is_folder:
        raise PlanError(f"{flag} {_short(path)} is a folder", hint=f"try {flag} {path}/report.xml")
    checked_folder(flag, path.parent)
    _check_names(flag, path)
    return path


def _check_names(flag: str, path: Path) -> None:
    """Raise `PlanError` where the file system refuses a name of `path`, as too long or no text."""
    try:
        os.lstat(path)
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise _unusable(flag, path, error) from error


def _unusable(flag: str, path: Path, error: OSError | ValueError) -> PlanError:
    why = error.strerror if isinstance(error, OSError) else str(error)
    return PlanError(f"{flag} {_short(path)} cannot be used: {why}")


def _short(path: Path) -> str:
    text = str(path)
    return text if len(text) <= 200 else f"{text[:100]}…{text[-60:]}"
