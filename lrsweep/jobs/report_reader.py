"""What an attempt says: its own reports, or else what can be read from its output and files."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lrsweep.capture import CaptureSpec, TrialCapture
from lrsweep.protocol import EventReader, TrialFolder, is_observed
from lrsweep.report_check import Unsound, check_report
from lrsweep.trial import Job, Report

# What to read of the output of a job; None where the script reports by itself.
CaptureOf = Callable[[Job], CaptureSpec | None]


@dataclass(frozen=True, slots=True)
class ReadFrom:
    """Where an attempt began: how many bytes its files had, and `at` as Unix time."""

    at: float = 0.0
    events: int = 0
    stdout: int = 0
    stderr: int = 0

    @classmethod
    def now(cls, folder: TrialFolder) -> ReadFrom:
        files = (folder.events, folder.stdout, folder.stderr)
        return cls(time.time(), *(size_of(file) for file in files))


class ReportReader:
    """Reads the reports of one attempt from where its files stood when it began.

    `trial.json` says where that was, so that a sweep that comes later reads the same again.

    A script that reports through the client is believed, and its output no longer read.
    """

    def __init__(self, job: Job, capture: CaptureSpec | None) -> None:
        folder = TrialFolder(job.folder)
        start = _where_it_began(folder, job) or ReadFrom.now(folder)
        self._events = EventReader(folder.events, start.events, job.key, job.study)
        self._told: list[str] = []
        self._capture: TrialCapture | None = None
        if capture is not None:
            self._capture = TrialCapture(
                capture,
                job.key,
                folder,
                Path(job.cwd),
                since=start.at,
                stdout=start.stdout,
                stderr=start.stderr,
            )

    def read(self) -> Iterator[Report]:
        """Reports since the last call, oldest first."""
        yield from self._heard()
        if self._capture is not None:
            yield from self._sound(self._capture.read())

    def finish(self) -> Iterator[Report]:
        """The last reports, when the process has ended."""
        yield from self._heard()
        if self._capture is not None:
            yield from self._sound(self._capture.finish())

    @property
    def hears_requests(self) -> bool:
        """Whether the process looks for the request to stop: it has the client."""
        return self._capture is None

    @property
    def obeyed(self) -> bool:
        """Whether the process said that it obeyed the request to stop."""
        return self._events.stopped

    @property
    def observed(self) -> Mapping[str, Any]:
        """What is known of the training in all; empty where nothing was observed."""
        return self._events.facts

    @property
    def unclear(self) -> str:
        """Which names the metric may mean, in a sentence; empty where it is clear."""
        names = () if self._capture is None else self._capture.conflict
        return f"it may mean {', '.join(names)}: give one of them to --metric" if names else ""

    def refused(self) -> list[str]:
        """Why reports were refused, in words that follow "refused a report: ", each said once."""
        new = [why for why in self._events.refused if why not in self._told]
        self._told += new
        return new

    def _sound(self, reports: Iterable[Report]) -> Iterator[Report]:
        for report in reports:
            try:
                check_report(report)
            except Unsound as why:
                self._events.refuse(str(why))
            else:
                yield report

    def _heard(self) -> Iterator[Report]:
        for report in self._events.read():
            if not is_observed(report):
                self._capture = None
            yield report


def _where_it_began(folder: TrialFolder, job: Job) -> ReadFrom | None:
    trial = folder.read_trial()
    if trial.get("attempt") != job.key.attempt:
        return None
    try:
        return ReadFrom(**trial.get("read_from", {}))
    except TypeError:  # damaged
        return ReadFrom()


def size_of(path: Path) -> int:
    """How many bytes `path` has; 0 where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
