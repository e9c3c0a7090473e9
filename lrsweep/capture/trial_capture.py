"""Everything that one attempt prints and writes, read as one."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lrsweep.capture.curves import Curves, Seen
from lrsweep.capture.files import FileReader
from lrsweep.capture.reader import OutputReader
from lrsweep.capture.spec import CaptureSpec
from lrsweep.protocol import TrialFolder
from lrsweep.trial import Report, TrialKey


class TrialCapture:
    """Reads the logs and files of an attempt; each part is as `OutputReader` is.

    `cwd` is where relative patterns of `spec.files` begin. `stdout` and `stderr` are where the logs
    had grown to before the attempt started, in bytes, and `files` is what `marks_of` said then of
    the files: what stood there is not its own.

    Raises `PlanError` for a pattern that names no readable kind of file.
    """

    def __init__(
        self,
        spec: CaptureSpec,
        key: TrialKey,
        folder: TrialFolder,
        cwd: Path,
        *,
        stdout: int = 0,
        stderr: int = 0,
        files: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self._curves = curves = Curves(spec, key.trial, key.attempt)
        self._logs = [
            OutputReader(path, spec, key.trial, key.attempt, offset, curves=curves)
            for path, offset in ((folder.stdout, stdout), (folder.stderr, stderr))
        ]
        self._readers: list[OutputReader | FileReader] = [
            *self._logs,
            *(
                FileReader(pattern, curves, folder=folder.path, cwd=cwd, start=files)
                for pattern in spec.files
            ),
        ]

    def read(self) -> Iterator[Report]:
        """Reports from what was written since the last call."""
        for reader in self._readers:
            yield from reader.read()

    def finish(self, *, killed: bool = False) -> Iterator[Report]:
        """Reports that were still to come when the process ended; call it once, at the end.

        Of one that was `killed`, a last line without its end may be half a number.
        """
        for reader in self._readers:
            yield from reader.finish(killed=killed)
        yield from self._curves.finish(time.time())

    @property
    def conflict(self) -> tuple[str, ...]:
        """The names that the metric may mean where it may mean several; see `names.ambiguous`."""
        return self._curves.conflict

    @property
    def told(self) -> frozenset[str]:
        """The names under which metrics were reported."""
        return self._curves.told

    @property
    def unread(self) -> str:
        """A line that names the metric in a form that was not read, where none was read at all."""
        lines = [log.unread for log in self._logs if log.unread]
        return lines[0] if lines and not self._curves.has_objective else ""

    @property
    def passed_over(self) -> int:
        """How many bytes of output were not read, since they came faster than can be read."""
        return sum(log.passed_over for log in self._logs)

    @property
    def seen(self) -> tuple[Seen, ...]:
        """Every metric that was seen; where the objective is missing, these may have been meant."""
        return self._curves.seen
