"""Everything that one attempt prints and writes, read as one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from lrsweep.capture.curves import Curves, Expected, Seen
from lrsweep.capture.files import FileReader
from lrsweep.capture.reader import OutputReader
from lrsweep.capture.spec import CaptureSpec
from lrsweep.protocol import TrialFolder
from lrsweep.trial import Report, TrialKey


class TrialCapture:
    """Reads the logs and files of an attempt; each part is as `OutputReader` is.

    `cwd` is where relative patterns of `spec.files` begin. `since` is the Unix time at which the
    attempt started: files that were written before are not its own. `stdout` and `stderr` are where
    the logs had grown to before it started, in bytes. `expected` is what earlier trials of the
    sweep have shown.

    Raises `PlanError` for a pattern that names no readable kind of file.
    """

    def __init__(
        self,
        spec: CaptureSpec,
        key: TrialKey,
        folder: TrialFolder,
        cwd: Path,
        *,
        since: float = 0.0,
        stdout: int = 0,
        stderr: int = 0,
        expected: Expected | None = None,
    ) -> None:
        self._curves = curves = Curves(spec, key.trial, key.attempt, expected)
        self._readers: list[OutputReader | FileReader] = [
            OutputReader(path, spec, key.trial, key.attempt, offset, curves=curves)
            for path, offset in ((folder.stdout, stdout), (folder.stderr, stderr))
        ]
        self._readers += [
            FileReader(pattern, curves, folder=folder.path, cwd=cwd, since=since)
            for pattern in spec.files
        ]

    def read(self) -> Iterator[Report]:
        """Reports from what was written since the last call."""
        for reader in self._readers:
            yield from reader.read()

    def finish(self) -> Iterator[Report]:
        """Reports that were still to come when the process ended; call it once, at the end."""
        for reader in self._readers:
            yield from reader.finish()
        yield from self._curves.finish(time.time())

    @property
    def conflict(self) -> tuple[str, ...]:
        """The names that the metric may mean where it may mean several; see `names.ambiguous`."""
        return self._curves.conflict

    @property
    def seen(self) -> tuple[Seen, ...]:
        """Every metric that was seen; where the objective is missing, these may have been meant."""
        return self._curves.seen
