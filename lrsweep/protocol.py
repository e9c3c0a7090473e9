"""The trial folder and its events: what the sweep and a training process say to each other.

    <sweep dir>/trials/00012/
        trial.json      written by the sweep: parameters, seed, attempt, command, where it ran
        events.jsonl    appended by the training process, one JSON object a line
        stop            written by the sweep: the reason why the process should stop
        stdout.log  stderr.log
        checkpoint.pt   the state of a training, while an attempt to come may go on from it
        config.…        the configuration file made for the trial, where the sweep has a template
        work/           the trial's own copy of the working folder, while it runs, where it has one

`events.jsonl` is the write-ahead log: a report is on disk before the sweep acts on it. A torn last
line is normal (the process was killed while writing) and never an error. Standard library only:
training processes import this module.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lrsweep.trial import Report

# What a training process finds in its environment.
ENV_FOLDER = "LRSWEEP_TRIAL_DIR"
ENV_TRIAL = "LRSWEEP_TRIAL"
ENV_ATTEMPT = "LRSWEEP_ATTEMPT"
ENV_PARAMS = "LRSWEEP_PARAMS"
ENV_SEED = "LRSWEEP_SEED"
ENV_STUDY = "LRSWEEP_STUDY"
ENV_METRIC = "LRSWEEP_METRIC"
# LOW:HIGH:STEPS: `lrsweep.train.fit` is to run a range test in place of training.
ENV_RANGE_TEST = "LRSWEEP_RANGE_TEST"

_STOPPED = b'{"event":"stopped"'
_READ_CHUNK = 1 << 20
_LONGEST_LINE = 1 << 20


class TrialFolder:
    """The names of a trial's files; the only place that knows them."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    @classmethod
    def of(cls, sweep_dir: Path | str, trial: int) -> TrialFolder:
        return cls(Path(sweep_dir) / "trials" / f"{trial:05d}")

    @property
    def trial_json(self) -> Path:
        return self.path / "trial.json"

    @property
    def events(self) -> Path:
        return self.path / "events.jsonl"

    @property
    def stop(self) -> Path:
        return self.path / "stop"

    @property
    def stdout(self) -> Path:
        return self.path / "stdout.log"

    @property
    def stderr(self) -> Path:
        return self.path / "stderr.log"

    @property
    def checkpoint(self) -> Path:
        return self.path / "checkpoint.pt"

    @property
    def work(self) -> Path:
        return self.path / "work"

    def config(self, suffix: str) -> Path:
        """The trial's configuration file, in the format of `suffix`: ".yaml"."""
        return self.path / f"config{suffix}"

    def write_trial(self, content: Mapping[str, Any]) -> None:
        """Write `trial.json` beside and rename, so that a reader never sees half of it."""
        write_atomically(self.trial_json, json.dumps(content, indent=1, ensure_ascii=False) + "\n")

    def read_trial(self) -> dict[str, Any]:
        """The content of `trial.json`; empty where there is none or it is not JSON."""
        try:
            content = json.loads(self.trial_json.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def ask_to_stop(self, reason: str) -> None:
        """Tell the training process to stop at its next report."""
        write_atomically(self.stop, reason + "\n")


def write_atomically(path: Path, text: str) -> None:
    """Replace `path` by `text`: written beside, flushed to disk, renamed."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def encode_report(report: Report) -> bytes:
    """One line of `events.jsonl`. NaN and ±Infinity are written as Python's json does."""
    event: dict[str, Any] = {
        "event": "report",
        "trial": report.trial,
        "attempt": report.attempt,
        "step": report.step,
        "at": report.at,
        "metrics": dict(report.metrics),
    }
    if report.examples is not None:
        event["examples"] = report.examples
    if report.fraction is not None:
        event["fraction"] = report.fraction
    return json.dumps(event, separators=(",", ":")).encode() + b"\n"


def encode_stopped(trial: int, attempt: int) -> bytes:
    """The line by which a training process says that it obeyed the request to stop."""
    event = {"event": "stopped", "trial": trial, "attempt": attempt}
    return json.dumps(event, separators=(",", ":")).encode() + b"\n"


def decode_report(line: bytes) -> Report | None:
    """The report in one line, or None where the line is not a whole, sound report."""
    try:
        event = json.loads(line)
        if event["event"] != "report":
            return None
        examples, fraction = event.get("examples"), event.get("fraction")
        return Report(
            trial=int(event["trial"]),
            attempt=int(event["attempt"]),
            step=int(event["step"]),
            metrics={str(k): _number(v) for k, v in event["metrics"].items()},
            examples=None if examples is None else int(examples),
            fraction=None if fraction is None else float(fraction),
            at=float(event.get("at", 0.0)),
        )
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return None


def _number(value: object) -> float:
    # A null metric is how programs other than Python write a value that is not finite.
    return math.nan if value is None else float(value)  # type: ignore[arg-type]


def appended(path: Path, offset: int) -> Iterator[bytes]:
    """What stands in `path` from `offset` on, in chunks; nothing where there is no such file."""
    try:
        if os.stat(path).st_size <= offset:
            return
        file = path.open("rb")
    except OSError:
        return
    with file:
        file.seek(offset)
        while chunk := file.read(_READ_CHUNK):
            yield chunk


class EventReader:
    """Reads a growing `events.jsonl` from where it last stopped; memory stays bounded.

    A file that does not exist yet reads as empty. Lines that are no reports are skipped; `stopped`
    turns true when the process says that it obeyed the request to stop.
    """

    def __init__(self, path: Path, offset: int = 0) -> None:
        self._path = path
        self._offset = offset
        self._torn = b""
        self.stopped = False

    def read(self) -> Iterator[Report]:
        """Reports appended since the last call, oldest first."""
        for chunk in appended(self._path, self._offset):
            self._offset += len(chunk)
            *lines, self._torn = (self._torn + chunk).split(b"\n")
            if len(self._torn) > _LONGEST_LINE:
                self._torn = b""
            for line in lines:
                if (report := decode_report(line)) is not None:
                    yield report
                elif line.startswith(_STOPPED):
                    self.stopped = True
