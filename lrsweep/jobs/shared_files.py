"""Files that several trials write while they run at the same time: noticed, and said.

Who writes a file is seen where one of the trial's processes has it open at the moment of a look
(Linux). Else a trial may have written it that ran when it changed: the trials that are left after
several changes are its writers.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lrsweep.processes.open_files import descendants, relatives, written_by

# Folders and files that no trial writes its results to.
_LEFT_OUT = frozenset({"__pycache__", "node_modules", "site-packages", "lrsweep-runs", "wandb"})
_OURS = (".pyc", ".db", ".db-wal", ".db-shm", ".db-journal", ".tmp", ".lock")
_DEEPEST = 3
_MOST_FILES = 3_000
_LOOK_EVERY_S = 0.2
# A look may take this share of the time.
_SHARE = 0.02
# So many changes that no single trial was seen to make are more than a file written once.
_SUSPICIOUS = 3

_Facts = tuple[int, int, int]


@dataclass(slots=True)
class _Written:
    """Which trials may have written a file, as far as one trial may have; how often it changed."""

    may: frozenset[int]
    seen: set[int] = field(default_factory=set)
    changes: int = 0
    told: bool = False


class SharedFiles:
    """Looks at the folder that trials run in. `leave_out` are folders of the sweep's own."""

    def __init__(self, folder: Path, leave_out: tuple[Path, ...] = ()) -> None:
        self._folder = folder
        self._leave_out = {os.path.abspath(path) for path in leave_out}
        self._before = dict(self._files())
        self._written: dict[str, _Written] = {}
        self._ran: frozenset[int] = frozenset()
        self._due = 0.0

    def look(self, running: Mapping[int, int | None], now: float) -> list[str]:
        """Sentences on files that were found to be shared since the last look.

        `running` are the trials that run with their processes, `now` is a monotonic clock in
        seconds.
        """
        if len(running) < 2:  # what changes now is one trial's alone
            self._ran = frozenset()
            return []
        if now < self._due:
            return []
        if not self._ran:
            self._before = dict(self._files())
        may, self._ran = self._ran | frozenset(running), frozenset(running)
        began = time.thread_time()
        files = dict(self._files())
        changed = [path for path, facts in files.items() if self._before.get(path) != facts]
        self._before = files
        notes: list[str] = []
        if changed:
            open_by = {
                trial: written_by(descendants(pid))
                for trial, pid in running.items()
                if pid is not None
            }
            for path in changed:
                seen = {trial for trial, paths in open_by.items() if path in paths}
                notes += self._change(path, seen, may)
        took = time.thread_time() - began
        self._due = now + max(_LOOK_EVERY_S, took / _SHARE)
        return notes

    def _change(self, path: str, seen: set[int], may: frozenset[int]) -> list[str]:
        one = self._written.setdefault(path, _Written(may))
        one.changes += 1
        one.seen |= seen
        left = one.may & (seen or may)
        together = one.seen if len(one.seen) > 1 else one.may | may
        certain = len(one.seen) > 1 or not left
        one.may = left or one.may
        suspected = not one.seen and one.changes >= _SUSPICIOUS and len(left) > 1
        if one.told or not (certain or suspected) or _is_anothers(path):
            return []
        one.told = True
        numbers = sorted(together)[:2]
        name = os.path.relpath(path, self._folder)
        both = "write" if certain else "may both write"
        return [
            f"trials {numbers[0]} and {numbers[1]} {both} {name}: what one reads there may be the"
            " other's. Keep them apart with --isolate copy, or with {dir} in the script's own"
            " output option"
        ]

    def _files(self) -> Iterator[tuple[str, _Facts]]:
        folders, count = [(str(self._folder.absolute()), 0)], 0
        while folders:
            folder, depth = folders.pop()
            try:
                entries = list(os.scandir(folder))
            except OSError:
                continue
            for entry in entries:
                name = entry.name
                if name.startswith(".") or name in _LEFT_OUT or entry.path in self._leave_out:
                    continue
                try:
                    if entry.is_dir(follow_symlinks=False):
                        if depth < _DEEPEST:
                            folders.append((entry.path, depth + 1))
                    elif entry.is_file(follow_symlinks=False) and not name.endswith(_OURS):
                        facts = entry.stat()
                        yield entry.path, (facts.st_mtime_ns, facts.st_size, facts.st_ino)
                except OSError:
                    continue
                count += 1
                if count >= _MOST_FILES:
                    return


def _is_anothers(path: str) -> bool:
    """Whether a process that is no trial's has the file open to write: a log of the sweep, say."""
    return path in written_by(relatives())
