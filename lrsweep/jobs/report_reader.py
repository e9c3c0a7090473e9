"""What an attempt says: its own reports, or else what can be read from its output and files."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from lrsweep.capture import CaptureSpec, TrialCapture
from lrsweep.protocol import EventReader, TrialFolder
from lrsweep.trial import Job, Report

# What to read of the output of a job; None where the script reports by itself.
CaptureOf = Callable[[Job], CaptureSpec | None]


class ReportReader:
    """Reads the reports of one attempt from where its files stood when it began.

    A script that reports through the client is believed, and its output no longer read.
    """

    def __init__(self, job: Job, capture: CaptureSpec | None) -> None:
        folder = TrialFolder(job.folder)
        self._events = EventReader(folder.events, size_of(folder.events))
        self._capture: TrialCapture | None = None
        if capture is not None:
            self._capture = TrialCapture(
                capture,
                job.key,
                folder,
                Path(job.cwd),
                since=time.time(),
                stdout=size_of(folder.stdout),
                stderr=size_of(folder.stderr),
            )

    def read(self) -> Iterator[Report]:
        """Reports since the last call, oldest first."""
        yield from self._heard()
        if self._capture is not None:
            yield from self._capture.read()

    def finish(self) -> Iterator[Report]:
        """The last reports, when the process has ended."""
        yield from self._heard()
        if self._capture is not None:
            yield from self._capture.finish()

    @property
    def hears_requests(self) -> bool:
        """Whether the process looks for the request to stop: it has the client."""
        return self._capture is None

    @property
    def obeyed(self) -> bool:
        """Whether the process said that it obeyed the request to stop."""
        return self._events.stopped

    @property
    def unclear(self) -> str:
        """Which names the metric may mean, in a sentence; empty where it is clear."""
        names = () if self._capture is None else self._capture.conflict
        return f"it may mean {', '.join(names)}: give one of them to --metric" if names else ""

    def _heard(self) -> Iterator[Report]:
        for report in self._events.read():
            self._capture = None
            yield report


def size_of(path: Path) -> int:
    """How many bytes `path` has; 0 where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
