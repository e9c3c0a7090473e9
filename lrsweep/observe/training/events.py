"""Lines for the trial's `events.jsonl`, as `lrsweep.protocol` reads them.

    {"event":"observed","trial":3,"attempt":1,"pid":77,"step":9,"at":…,"values":{…}}    a point
    {"event":"observed","trial":3,"attempt":1,"pid":77,"at":…,"facts":{…}}              all else

Appended by one write a flush, so that lines of several processes never interleave.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from typing import Any


class EventLog:
    """Appends to `events.jsonl` in the trial folder that the environment names."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._path = os.path.join(environ["LRSWEEP_TRIAL_DIR"], "events.jsonl")
        trial = int(environ.get("LRSWEEP_TRIAL") or 0)
        attempt = int(environ.get("LRSWEEP_ATTEMPT") or 1)
        self._numbers = f'{{"event":"observed","trial":{trial},"attempt":{attempt},'
        study = environ.get("LRSWEEP_STUDY_ID")
        if study:
            self._numbers += f'"study":{json.dumps(study)},'
        self.begin()

    def begin(self) -> None:
        """Start over in a process that was forked: what was not written yet is its parent's."""
        self._head = f'{self._numbers}"pid":{os.getpid()},'
        self._lines: list[str] = []

    def point(
        self, step: int, at: float, values: Mapping[str, float], examples: int, fraction: float
    ) -> None:
        """Keep a point for the next flush; `at` in Unix time, 0 for a number that is not known."""
        more = f',"examples":{examples}' if examples else ""
        if fraction:
            more += f',"fraction":{fraction:.6f}'
        content = ",".join([f'"{name}":{_number(value)}' for name, value in values.items()])
        self._lines.append(
            f'{self._head}"step":{step},"at":{at:.3f},"values":{{{content}}}{more}}}\n'
        )

    def facts(self, facts: Mapping[str, Any]) -> None:
        """Keep what is known of the whole for the next flush; the newest counts."""
        content = json.dumps(facts, separators=(",", ":"), default=str)
        self._lines.append(f'{self._head}"at":{time.time():.3f},"facts":{content}}}\n')

    def flush(self) -> None:
        """Append what is kept. What a full disk refuses is dropped."""
        if not self._lines:
            return
        data, self._lines = "".join(self._lines).encode(), []
        try:
            opened = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError:
            return
        try:
            os.write(opened, data)
        except OSError:
            return
        finally:
            os.close(opened)


def _number(value: float) -> str:
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return repr(float(value))
