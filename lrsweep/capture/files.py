"""Files that a script writes its metrics to: found by pattern, read by what they are."""

from __future__ import annotations

import glob
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from lrsweep.capture.curves import Curves
from lrsweep.capture.json_files import JsonLinesReader, JsonReader
from lrsweep.capture.rows import Row
from lrsweep.capture.tables import TableReader
from lrsweep.capture.tensorboard_files import EventFileReader, require_tensorboard
from lrsweep.errors import PlanError
from lrsweep.trial import Report

_EVENTS = "events.out.tfevents."
_MOST_FILES = 100


class _Rows(Protocol):
    def read(self, *, ended: bool = False) -> Iterator[Row]: ...


_READERS: dict[str, Callable[[Path], _Rows]] = {
    ".csv": TableReader,
    ".tsv": TableReader,
    ".jsonl": JsonLinesReader,
    ".ndjson": JsonLinesReader,
}


def check_pattern(pattern: str) -> None:
    """Raises `PlanError` where `--metric-file` names files that cannot be read."""
    name = pattern.rpartition("/")[2]
    if _is_event_file(name):
        require_tensorboard()
    elif Path(name).suffix not in (*_READERS, ".json"):
        raise PlanError(
            f"--metric-file {pattern!r} names no file that can be read: CSV (.csv, .tsv), JSON "
            f"(.json, .jsonl) or TensorBoard ({_EVENTS}*)",
            hint="--metric-file '{dir}/**/metrics.csv'",
        )


def _is_event_file(name: str) -> bool:
    return name.startswith((_EVENTS, "*tfevents"))


class FileReader:
    """Reads every file that `pattern` names, as they appear and grow.

    The same shape as `OutputReader`. In the pattern `{dir}` is the trial's `folder`, `*` and `**`
    are as in a shell, and a relative path begins at `cwd`. A file that was last written before
    `since` (Unix time) belongs to an earlier trial and is left alone.
    """

    def __init__(
        self,
        pattern: str,
        curves: Curves,
        *,
        folder: Path,
        cwd: Path,
        since: float = 0.0,
        now: Callable[[], float] = time.time,
    ) -> None:
        check_pattern(pattern)
        self.curves = curves
        self._pattern = pattern
        here = glob.escape(str(cwd))
        self._glob = os.path.join(
            here, pattern.replace("{dir}", glob.escape(str(folder.absolute())))
        )
        self._since = since
        self._now = now
        self._files: dict[Path, _Rows] = {}
        self._document = JsonReader()

    def read(self) -> Iterator[Report]:
        """Reports from what was written since the last call."""
        yield from self._reports(ended=False)

    def finish(self) -> Iterator[Report]:
        """Reports that were still to come when the program ended."""
        yield from self._reports(ended=True)

    def _reports(self, *, ended: bool) -> Iterator[Report]:
        at = self._now()
        for row in self._rows(ended):
            yield from self.curves.add(row, self._pattern, at)

    def _rows(self, ended: bool) -> Iterator[Row]:
        found = self._found()
        documents = [path for path in found if path.suffix == ".json"]
        if documents:
            yield from self._document.read(documents[-1])
        for path in found:
            if path.suffix == ".json":
                continue
            reader = self._files.get(path)
            if reader is None:
                is_event = path.name.startswith(_EVENTS)
                kind = EventFileReader if is_event else _READERS.get(path.suffix)
                if kind is None or len(self._files) >= _MOST_FILES:
                    continue
                reader = self._files[path] = kind(path)
            yield from reader.read(ended=ended)

    def _found(self) -> list[Path]:
        """The files of this trial, the one that was written last at the end."""
        times: dict[Path, float] = {}
        for name in glob.iglob(self._glob, recursive=True):
            try:
                changed = os.stat(name).st_mtime
            except OSError:
                continue
            if changed >= self._since:
                times[Path(name)] = changed
        return sorted(times, key=lambda path: (times[path], path))
