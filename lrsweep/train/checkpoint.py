"""A training's state on disk, in the trial's folder: a lost attempt resumes where it was."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from lrsweep.protocol import TrialFolder


class Checkpoint:
    """Saves at most every `every_s` seconds, and only where there is a `folder`.

    `fingerprint` names what the state belongs to; a file with another one is of an older script or
    recipe and is not loaded.
    """

    def __init__(self, folder: Path | None, fingerprint: str, every_s: float) -> None:
        self._path = None if folder is None else TrialFolder(folder).checkpoint
        self._fingerprint = fingerprint
        self._every_s = every_s
        self._saved_at = time.monotonic()

    @property
    def due(self) -> bool:
        return self._path is not None and time.monotonic() - self._saved_at >= self._every_s

    def load(self, device: torch.device) -> dict[str, Any] | None:
        """The state that was saved last, or None where there is none that fits."""
        if self._path is None or not self._path.exists():
            return None
        content = torch.load(self._path, map_location=device, weights_only=True)
        return content["state"] if content["fingerprint"] == self._fingerprint else None

    def save(self, state: Mapping[str, Any]) -> None:
        """Write beside and rename, so that a process killed meanwhile leaves the last whole one."""
        assert self._path is not None
        beside = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        torch.save({"fingerprint": self._fingerprint, "state": dict(state)}, beside)
        os.replace(beside, self._path)
        self._saved_at = time.monotonic()

    def discard(self) -> None:
        if self._path is not None:
            self._path.unlink(missing_ok=True)
