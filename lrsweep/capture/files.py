"""Files that a script writes its metrics to: found by pattern, read by what they are."""

from __future__ import annotations

import glob
import itertools
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from lrsweep.capture.curves import Curves
from lrsweep.capture.json_files import JsonLinesReader, JsonReader, beginning_of
from lrsweep.capture.rows import Row
from lrsweep.capture.tables import TableReader
from lrsweep.capture.tail import Mark
from lrsweep.capture.tensorboard_files import EventFileReader, require_tensorboard
from lrsweep.errors import PlanError
from lrsweep.trial import Report

_EVENTS = "events.out.tfevents."
_MOST_FILES = 100
_MOST_NAMED = 10_000


class _Rows(Protocol):
    def read(self, *, ended: bool = False) -> Iterator[Row]: ...


_READERS: dict[str, Callable[[Path, Mark | None], _Rows]] = {
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


def files_of(pattern: str, folder: Path, cwd: Path) -> list[Path]:
    """The regular files that `pattern` names now, the one that was written last at the end.

    In the pattern `{dir}` is the trial's `folder`, `*` and `**` are as in a shell, and a relative
    path begins at `cwd`.
    """
    here = glob.escape(str(cwd))
    path = os.path.join(here, pattern.replace("{dir}", glob.escape(str(folder.absolute()))))
    times: dict[Path, int] = {}
    for name in itertools.islice(glob.iglob(path, recursive=True), _MOST_NAMED):
        try:
            facts = os.stat(name)
        except OSError:
            continue
        if stat.S_ISREG(facts.st_mode):
            times[Path(name)] = facts.st_mtime_ns
    return sorted(times, key=lambda path: (times[path], path))


def marks_of(patterns: Iterable[str], folder: Path, cwd: Path) -> dict[str, dict[str, Any]]:
    """How every file that the patterns name stands now, as JSON: where an attempt begins."""
    found = [path for pattern in patterns for path in files_of(pattern, folder, cwd)]
    marks: dict[str, dict[str, Any]] = {}
    for path in found[-_MOST_FILES:]:
        if (mark := Mark.of(path)) is not None:
            history = beginning_of(path) if path.suffix == ".json" else ""
            marks[str(path)] = {**asdict(mark), "history": history}
    return marks


class FileReader:
    """Reads every file that `pattern` names, as they appear and grow.

    The same shape as `OutputReader`; see `files_of` for the pattern. `start` is what `marks_of`
    said when the attempt began: what stood in a file then is another's.
    """

    def __init__(
        self,
        pattern: str,
        curves: Curves,
        *,
        folder: Path,
        cwd: Path,
        start: Mapping[str, Mapping[str, Any]] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        check_pattern(pattern)
        self.curves = curves
        self._pattern = pattern
        self._folder = folder
        self._cwd = cwd
        begins = dict(start or {})
        self._start = {name: _mark(of) for name, of in begins.items()}
        self._now = now
        self._files: dict[Path, _Rows] = {}
        self._document = JsonReader({name: str(of["history"]) for name, of in begins.items()})

    def read(self) -> Iterator[Report]:
        """Reports from what was written since the last call."""
        yield from self._reports(ended=False)

    def finish(self, *, killed: bool = False) -> Iterator[Report]:
        """Reports that were still to come when the program ended; see `OutputReader.finish`."""
        yield from self._reports(ended=not killed)

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
                reader = self._files[path] = kind(path, self._start.get(str(path)))
            yield from reader.read(ended=ended)

    def _found(self) -> list[Path]:
        """The files that this attempt has written to."""
        found = files_of(self._pattern, self._folder, self._cwd)
        starts = ((path, self._start.get(str(path))) for path in found)
        return [path for path, start in starts if start is None or not start.is_unchanged(path)]


def _mark(of: Mapping[str, Any]) -> Mark:
    return Mark(**{name: value for name, value in of.items() if name != "history"})
