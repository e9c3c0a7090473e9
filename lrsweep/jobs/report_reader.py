"""What an attempt says: its own reports, or else what can be read from its output and files."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lrsweep.capture import CaptureSpec, TrialCapture, marks_of
from lrsweep.protocol import EventReader, TrialFolder, is_observed
from lrsweep.report_check import Unsound, check_report
from lrsweep.trial import Ended, Job, Member, Report

# What to read of the output of a job; None where the script reports by itself.
CaptureOf = Callable[[Job], CaptureSpec | None]

_SHOWN = 120


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

    A script that reports through the client is believed: what was read of its output until then is
    void, and no more of it is read. Of one that imports the client, the output is read only where
    it has ended without a report.
    """

    def __init__(self, job: Job, member: Member, capture: CaptureSpec | None) -> None:
        folder = TrialFolder(member.folder)
        start = _where_it_began(folder, member) or ReadFrom.now(folder)
        self._events = EventReader(folder.events, start.events, member.key, job.study)
        self._told: list[str] = []
        self._told_behind = False
        self._client = capture is None or capture.client
        self._metric = "" if capture is None else capture.metric
        self._reported = False
        self._capture: TrialCapture | None = None
        if capture is not None:
            self._capture = TrialCapture(
                capture,
                member.key,
                folder,
                Path(job.cwd),
                stdout=start.stdout,
                stderr=start.stderr,
                files=_files_at_start(folder, job, member, capture),
            )

    def read(self) -> Iterator[Report]:
        """Reports since the last call, oldest first."""
        yield from self._heard()
        if self._capture is not None and not self._client:
            yield from self._sound(self._capture.read())

    def finish(self, *, killed: bool = False) -> Iterator[Report]:
        """The last reports, when the process has ended; `killed` says that it did not by itself."""
        yield from self._heard()
        if self._capture is not None and not self._reported:
            yield from self._sound(self._capture.finish(killed=killed))

    @property
    def hears_requests(self) -> bool:
        """Whether the process looks for the request to stop: it has the client."""
        return self._client

    @property
    def has_heard(self) -> bool:
        """Whether the process said that it has heard the request to stop."""
        return self._events.stopped

    @property
    def ended(self) -> Ended | None:
        """How the process says that the trial ended, while it may go on with others."""
        return self._events.ended

    @property
    def observed(self) -> Mapping[str, Any]:
        """What is known of the training in all; empty where nothing was observed."""
        return self._events.facts

    @property
    def unclear(self) -> str:
        """Why the metric may be missing, in a sentence; empty where nothing tells."""
        if self._capture is None or self._reported:
            return ""
        if names := self._capture.conflict:
            return f"it may mean {', '.join(names)}: give one of them to --metric"
        if line := self._capture.unread:
            shown = line.strip()
            shown = f"{shown[:_SHOWN]}…" if len(shown) > _SHOWN else shown
            return f"{self._metric} stands in a line that was not read: '{shown}'"
        return ""

    def notes(self) -> list[str]:
        """What people should know of how it was read, each once."""
        behind = 0 if self._capture is None else self._capture.passed_over
        if not behind or self._told_behind:
            return []
        self._told_behind = True
        return ["its output comes faster than it can be read: what it prints is read in part"]

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
                yield replace(report, listens=self._client)

    def _heard(self) -> Iterator[Report]:
        for report in self._events.read():
            if not is_observed(report) and not self._reported:
                self._reported = self._client = True
                told = frozenset() if self._capture is None else self._capture.told
                self._capture = None
                report = replace(report, replaces=told) if told else report
            yield report


def _files_at_start(
    folder: TrialFolder, job: Job, member: Member, capture: CaptureSpec
) -> Mapping[str, Mapping[str, Any]]:
    """How the metric files stood when the attempt began, which `trial.json` keeps."""
    if not capture.files:
        return {}
    trial = folder.read_trial()
    if trial.get("attempt") == member.key.attempt and isinstance(trial.get("files_at_start"), dict):
        known: Mapping[str, Mapping[str, Any]] = trial["files_at_start"]
        return known
    marks = marks_of(capture.files, folder.path, Path(job.cwd))
    with contextlib.suppress(OSError):  # a full disk; a sweep that comes later reads all there is
        folder.write_trial({**trial, "files_at_start": marks})
    return marks


def _where_it_began(folder: TrialFolder, member: Member) -> ReadFrom | None:
    trial = folder.read_trial()
    if trial.get("attempt") != member.key.attempt:
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
