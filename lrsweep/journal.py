"""`sweep.jsonl` in the sweep's folder: what a sweep decided, when and why, one JSON object a line.

    {"at": 1764092137.2, "event": "ended", "trial": 12, "attempt": 1, "outcome": "pruned",
     "value": 0.91, "reason": "behind the median …", "rule": "median", "numbers": {…}}

It is for people and tools that want to know afterwards; nothing is recovered from it. The events:

    sweep_started   study, command, slots, trials, sampler, pruner
    slots           slots: where jobs may run, when that has changed
    reopened        trial: it failed in an earlier run and is to be run again
    proposed        trial, by, params
    started         trial, attempt, job, slot
    waiting         slot, reason: a proposer waits, or others use the memory of the slot
    exhausted       kind, reason: nothing more is proposed for that kind of slot
    ruled_out       reason: batch sizes that ran out of memory
    stop            job, trial (None: all of the job), how, reason
    ended           trial, attempt, outcome, value, reason, again, exit_code, rule, numbers
    note            text
    stopping        reason: the sweep ends early
    sweep_ended     ran: endings by outcome, missing
"""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_NAME = "sweep.jsonl"


def journal_path(sweep_dir: Path | str) -> Path:
    """Where the journal of a sweep is."""
    return Path(sweep_dir) / _NAME


@dataclass(frozen=True, slots=True)
class Entry:
    """One decision. `at` is Unix time in seconds."""

    at: float
    event: str
    facts: Mapping[str, Any]


class Journal:
    """Appends to the journal of a sweep. What a full disk refuses is left out."""

    def __init__(self, sweep_dir: Path | str) -> None:
        self._path = journal_path(sweep_dir)
        self._file: int | None = None
        self._last: tuple[str, dict[str, Any]] | None = None

    def write(self, event: str, **facts: Any) -> None:
        """Add an entry; one that says the same as the entry before is left out."""
        if self._last == (event, facts):
            return
        self._last = (event, facts)
        line = json.dumps(
            {"at": time.time(), "event": event, **_finite(facts)}, ensure_ascii=False, default=str
        )
        try:
            if self._file is None:
                flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
                self._file = os.open(self._path, flags, 0o666)
            os.write(self._file, line.encode(errors="backslashreplace") + b"\n")
        except OSError:
            return

    def close(self) -> None:
        """Close the file; nothing is buffered."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def read_journal(sweep_dir: Path | str) -> Iterator[Entry]:
    """The entries of a sweep's journal, oldest first; none where there is no file.

    Lines that are torn or not of the journal are skipped.
    """
    try:
        file = journal_path(sweep_dir).open("rb")
    except OSError:
        return
    with file:
        for line in file:
            try:
                facts = json.loads(line)
                at, event = float(facts.pop("at")), str(facts.pop("event"))
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
                continue
            yield Entry(at, event, facts)


def _finite(value: Any) -> Any:
    """`value` with what JSON cannot say as text: NaN, Infinity."""
    match value:
        case float() if not math.isfinite(value):
            return str(value)
        case dict():
            return {key: _finite(item) for key, item in value.items()}
        case list() | tuple():
            return [_finite(item) for item in value]
        case _:
            return value
