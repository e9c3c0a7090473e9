"""The trial folder and its events: what the sweep and a training process say to each other.

    <sweep dir>/trials/00012/
        trial.json      written by the sweep: whose it is, parameters, seed, attempt, command, where
                        it ran, and from where on its files are this attempt's
        events.jsonl    appended by the training process, one JSON object a line
        stop            written by the sweep: the reason why the trial should stop
        members.json    where the process runs several trials: which, each with its own folder
        stdout.log  stderr.log
        exit.json       written when the process of the attempt has ended: its exit code; and by
                        the sweep, what it made of that
        checkpoint.pt   the state of a training, while a later attempt may resume from it
        config.…        the configuration file made for the trial, where the sweep has a template
        work/           the trial's own copy of the working folder, while it runs, where it has one

`events.jsonl` is the write-ahead log: a report is on disk before the sweep acts on it. A torn last
line is normal (the process was killed while writing) and never an error. Standard library only:
training processes import this module.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from io import FileIO
from pathlib import Path
from typing import Any

from lrsweep.report_check import Unsound, report_of
from lrsweep.trial import Ended, Ending, Member, Outcome, Report, TrialKey

# What a training process finds in its environment.
ENV_FOLDER = "LRSWEEP_TRIAL_DIR"
ENV_TRIAL = "LRSWEEP_TRIAL"
ENV_ATTEMPT = "LRSWEEP_ATTEMPT"
ENV_PARAMS = "LRSWEEP_PARAMS"
ENV_SEED = "LRSWEEP_SEED"
ENV_STUDY = "LRSWEEP_STUDY"
ENV_STUDY_ID = "LRSWEEP_STUDY_ID"
ENV_METRIC = "LRSWEEP_METRIC"
ENV_DIRECTION = "LRSWEEP_DIRECTION"
# The path of `members.json`, where the process runs several trials.
ENV_MEMBERS = "LRSWEEP_MEMBERS"
# LOW:HIGH:STEPS: `lrsweep.train.fit` is to run a range test in place of training.
ENV_RANGE_TEST = "LRSWEEP_RANGE_TEST"

# What the observer saw, not what the script reported: its metrics have names of their own.
OBSERVED = "observed/"
_KINDS = ("report", "stopped", "ended", "observed")
# How a training process may say that one of its trials ended.
_OUTCOMES = ("completed", "pruned", "diverged", "out_of_memory", "crashed")
_LONGEST_REASON = 500

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
    def members(self) -> Path:
        return self.path / "members.json"

    @property
    def stdout(self) -> Path:
        return self.path / "stdout.log"

    @property
    def stderr(self) -> Path:
        return self.path / "stderr.log"

    @property
    def exit(self) -> Path:
        return self.path / "exit.json"

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
        return read_object(self.trial_json)

    def exit_code(self) -> int | None:
        """How the process of the attempt ended; None where nobody saw it end."""
        code = read_object(self.exit).get("code")
        return code if isinstance(code, int) else None

    def note_ending(self, ending: Ending, *, again: bool) -> None:
        """Write down how the attempt ended, so that the folder tells it too, as far as it can."""
        content = {
            "attempt": ending.key.attempt,
            "code": ending.exit_code,
            "outcome": ending.outcome.value,
            "value": ending.value,
            "reason": ending.reason,
            "ended_at": ending.at,
            "again": again,
        }
        with contextlib.suppress(OSError):  # a full disk, a folder that was removed
            write_atomically(self.exit, json.dumps(content) + "\n")

    def stop_reason(self) -> str:
        """Why the attempt was asked to stop; empty where it was not."""
        return _text(self.stop).strip()

    def ask_to_stop(self, reason: str) -> None:
        """Tell the training process to stop at its next report."""
        write_atomically(self.stop, reason + "\n")


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object in `path`; empty where there is none."""
    try:
        content = json.loads(_text(path))
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


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


def encode_report(report: Report, study: str = "") -> bytes:
    """One line of `events.jsonl`. NaN and ±Infinity are written as Python's json does."""
    event = {
        "step": report.step,
        "at": report.at,
        "metrics": dict(report.metrics),
        "examples": report.examples,
        "fraction": report.fraction,
    }
    said = {name: value for name, value in event.items() if value is not None}
    return _line("report", report.trial, report.attempt, study, said)


def encode_stopped(trial: int, attempt: int, study: str = "") -> bytes:
    """The line by which a training process says that it has heard the request to stop."""
    return _line("stopped", trial, attempt, study, {})


def encode_ended(ended: Ended, study: str = "") -> bytes:
    """The line by which a training process says how one of its trials ended."""
    said = {"outcome": ended.outcome.value, "reason": ended.reason}
    return _line("ended", ended.key.trial, ended.key.attempt, study, said)


def _ended_of(event: Mapping[str, Any]) -> Ended:
    outcome, reason = event.get("outcome"), event.get("reason", "")
    if outcome not in _OUTCOMES or not isinstance(reason, str):
        raise Unsound("it does not say how the trial ended")
    key = TrialKey(event["trial"], event["attempt"])
    return Ended(key, Outcome(outcome), reason[:_LONGEST_REASON])


def encode_members(members: Iterable[Member]) -> str:
    """The content of `members.json`."""
    entries = [
        {
            "trial": member.key.trial,
            "attempt": member.key.attempt,
            "params": dict(member.params),
            "seed": member.seed,
            "folder": member.folder,
        }
        for member in members
    ]
    return json.dumps(entries, indent=1) + "\n"


def decode_members(text: str) -> tuple[Member, ...]:
    """What `encode_members` wrote."""
    return tuple(
        Member(
            TrialKey(entry["trial"], entry["attempt"]),
            entry["params"],
            entry["seed"],
            entry["folder"],
        )
        for entry in json.loads(text)
    )


def _line(kind: str, trial: int, attempt: int, study: str, more: Mapping[str, Any]) -> bytes:
    whose = {"study": study} if study else {}
    event = {"event": kind, "trial": trial, "attempt": attempt, **whose, **more}
    return json.dumps(event, separators=(",", ":")).encode() + b"\n"


def decode_report(line: bytes) -> Report | None:
    """The report in one line, or None where the line is not a whole, sound report."""
    event = _decode(line)
    try:
        return report_of(event) if event is not None and event.get("event") == "report" else None
    except Unsound:
        return None


def _decode(line: bytes) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


def is_observed(report: Report) -> bool:
    """Whether the observer saw this, so that the script itself reported nothing."""
    return any(name.startswith(OBSERVED) for name in report.metrics)


def _text(path: Path) -> str:
    """The text of a small file; empty where there is no regular file."""
    file = open_file(path)
    if file is None:
        return ""
    with file:
        return file.read().decode("utf-8", errors="replace")


def open_file(path: Path) -> FileIO | None:
    """A regular file, opened without waiting; None for a pipe, a device or what is not there."""
    try:
        opened = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(os.fstat(opened).st_mode):
        os.close(opened)
        return None
    return FileIO(opened)


def appended(path: Path, offset: int) -> Iterator[bytes]:
    """What stands in `path` from `offset` on, in chunks; nothing where there is no such file.

    What is appended meanwhile waits for the next call, so that a writer without end holds up
    nothing.
    """
    file = open_file(path)
    if file is None:
        return
    with file:
        left = os.fstat(file.fileno()).st_size - offset
        file.seek(offset)
        while left > 0 and (chunk := file.read(min(_READ_CHUNK, left))):
            left -= len(chunk)
            yield chunk


class EventReader:
    """Reads a growing `events.jsonl` from where it last stopped; memory stays bounded.

    A file that does not exist yet reads as empty. Lines that are no events are skipped. Given the
    `key` of the attempt that writes here and the identity of its `study`, events of others are
    refused, and so are reports that cannot be kept; `refused` says why, once for each reason, in
    words that follow "refused a report: ". `stopped` turns true when the process says that it
    has heard the request to stop, and `ended` is how it says that the trial ended, where it does.
    Of several processes that were observed the first one counts;
    `facts` is the newest of what is known of it.
    """

    def __init__(
        self, path: Path, offset: int = 0, key: TrialKey | None = None, study: str = ""
    ) -> None:
        self._path = path
        self._offset = offset
        self._key = key
        self._study = study
        self._torn = b""
        self._too_long = False
        self.stopped = False
        self.ended: Ended | None = None
        self.refused: list[str] = []
        self.facts: Mapping[str, Any] = {}
        self._observed_pid: object = None

    def read(self) -> Iterator[Report]:
        """Reports appended since the last call, oldest first."""
        for chunk in appended(self._path, self._offset):
            self._offset += len(chunk)
            *lines, self._torn = (self._torn + chunk).split(b"\n")
            if lines and self._too_long:
                lines, self._too_long = lines[1:], False
            if len(self._torn) > _LONGEST_LINE:
                self._torn, self._too_long = b"", True
                self.refuse("it is longer than a megabyte")
            for line in lines:
                report = self._report(line)
                if report is not None:
                    yield report

    def _report(self, line: bytes) -> Report | None:
        event = _decode(line)
        if event is None or event.get("event") not in _KINDS:
            return None
        try:
            self._check_origin(event)
            if event["event"] == "report":
                return report_of(event)
            if event["event"] == "observed":
                return self._observed(event)
            if event["event"] == "ended":
                self.ended = self.ended or _ended_of(event)
            else:
                self.stopped = True
        except Unsound as why:
            self.refuse(str(why))
        return None

    def _observed(self, event: Mapping[str, Any]) -> Report | None:
        pid, facts, values = event.get("pid"), event.get("facts"), event.get("values")
        trains = isinstance(values, Mapping) or bool(facts and facts.get("optimizers"))
        if self._observed_pid is None and trains:
            self._observed_pid = pid
        if self._observed_pid not in (None, pid):
            return None
        if isinstance(values, Mapping):
            metrics = {f"{OBSERVED}{name}": value for name, value in values.items()}
            return report_of({**event, "metrics": metrics})
        if isinstance(facts, Mapping):
            self.facts = facts
        return None

    def _check_origin(self, event: Mapping[str, Any]) -> None:
        if self._study and event.get("study", self._study) != self._study:
            raise Unsound("it is another study's")
        if self._key is not None:
            trial, attempt = event.get("trial"), event.get("attempt")
            if (trial, attempt) != (self._key.trial, self._key.attempt):
                raise Unsound("it is another trial's, or of an earlier attempt")

    def refuse(self, why: str) -> None:
        """Note why a report was refused."""
        if why not in self.refused:
            self.refused.append(why)
