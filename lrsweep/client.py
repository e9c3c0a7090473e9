"""The training side: what a script may use to talk to the sweep that started it.

    import lrsweep

    trial = lrsweep.current_trial()     # outside a sweep: a detached trial that only prints
    lr = trial.params.get("lr", 1e-3)
    for epoch in range(epochs):
        ...
        trial.report(epoch + 1, val_loss=val_loss, examples=seen)

Standard library only, and importing it does nothing, so that it costs milliseconds and works
beside any framework.
"""

from __future__ import annotations

import atexit
import errno
import json
import operator
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, SupportsFloat, SupportsIndex

from lrsweep import protocol
from lrsweep.protocol import TrialFolder
from lrsweep.trial import Ended, Member, Outcome, ParamValue, Report, TrialKey

__all__ = ["CurrentTrial", "TrialStopped", "current_trial", "current_trials"]

# How long a process that ends waits for a full disk to take its last reports.
_LAST_REPORT_S = 10.0
_FULL = (errno.ENOSPC, errno.EDQUOT)


class TrialStopped(SystemExit):
    """The sweep decided to stop this trial (its curve was behind, or it diverged).

    A `BaseException`, so that `except Exception` around a training step does not swallow it, and a
    `SystemExit`, so that a script need not catch it: the process then ends quietly, with code 0.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(0)
        self.reason = reason


class CurrentTrial:
    """The trial that this process runs. Get it from `current_trial()`."""

    def __init__(
        self,
        *,
        number: int,
        attempt: int,
        params: Mapping[str, ParamValue],
        seed: int,
        folder: Path | None,
        study: str = "",
        study_id: str = "",
        shares_process: bool = False,
    ) -> None:
        self.number = number
        self.attempt = attempt
        self.params = dict(params)
        self.seed = seed
        self.study = study
        self.study_id = study_id
        self.folder = folder
        self._files = None if folder is None else TrialFolder(folder)
        self._shares_process = shares_process
        self._steps: dict[str, int] = {}
        self._told_of_steps = False
        self._has_heard = False
        self._has_ended = False
        self._fd: int | None = None
        self._unwritten = b""

    @property
    def detached(self) -> bool:
        """Whether the script runs outside a sweep."""
        return self._files is None

    def report(
        self,
        step: int,
        metrics: Mapping[str, SupportsFloat] | None = None,
        /,
        *,
        examples: int | None = None,
        fraction: float | None = None,
        **more: SupportsFloat,
    ) -> None:
        """Report metrics at `step`, and stop here if the sweep says so.

        `metrics` takes names that are no identifiers (`{"val/loss": 0.4}`); keyword arguments are
        the short form. `examples` is the number of training examples seen so far and `fraction`
        the share of this trial's budget that is spent, 0 to 1: give either, and trials of different
        batch sizes are compared fairly.

        Points count in the order in which they are reported, whatever their steps.

        Raises `TrialStopped` when the sweep has decided to stop this trial, and `TypeError` for a
        value that is not a number, a step that is not a whole one, or no metric at all.
        """
        report = Report(
            trial=self.number,
            attempt=self.attempt,
            step=_as_step(step),
            metrics={k: _as_float(k, v) for k, v in {**(metrics or {}), **more}.items()},
            examples=None if examples is None else int(examples),
            fraction=None if fraction is None else float(fraction),
            at=time.time(),
        )
        if not report.metrics:
            raise TypeError(f"report({report.step}) has no metric: report(step, val_loss=...)")
        self._say_odd_steps(report)
        if self._files is None:
            print(_readable(report), flush=True)
            return
        if _is_rank_0():
            self._append(protocol.encode_report(report, self.study_id))
        if self.should_stop():
            reason = self._files.stop_reason()
            if self._shares_process:
                self.end("pruned", reason)
            raise TrialStopped(reason)

    def should_stop(self) -> bool:
        """Whether the sweep has decided to stop this trial; for scripts that end on their own.

        A trial that has been told so is pruned, however it then ends.
        """
        if self._files is None or not os.path.exists(self._files.stop):
            return False
        if not self._has_heard and _is_rank_0():
            self._append(protocol.encode_stopped(self.number, self.attempt, self.study_id))
        self._has_heard = True
        return True

    def end(self, outcome: str = "completed", reason: str = "") -> None:
        """Say how this trial ended, for a process that continues with others (`current_trials`).

        `outcome` is completed, pruned, diverged, out_of_memory or crashed. What is said first
        counts. A process of one trial need not say anything: its exit does.
        """
        if self._files is None or self._has_ended or not _is_rank_0():
            return
        self._has_ended = True
        ended = Ended(TrialKey(self.number, self.attempt), Outcome(outcome), reason)
        self._append(protocol.encode_ended(ended, self.study_id))

    def _say_odd_steps(self, report: Report) -> None:
        """Say once that steps repeat or fall."""
        for name in report.metrics if not self._told_of_steps else ():
            before = self._steps.get(name)
            self._steps[name] = report.step
            if before is not None and report.step <= before and not self._told_of_steps:
                self._told_of_steps = True
                print(
                    f"lrsweep: {name} was reported at step {report.step} after step {before}; "
                    "its points count in the order in which they come",
                    file=sys.stderr,
                    flush=True,
                )

    def _append(self, line: bytes) -> None:
        # One write a line, so that lines of several processes never interleave. What a full disk
        # refuses is kept and written with the next report, or when the process ends.
        is_first = not self._unwritten
        self._unwritten += line
        error = self._write()
        if error is not None and is_first:
            print(f"lrsweep: report not written yet: {error}", file=sys.stderr, flush=True)
            atexit.unregister(self._write_at_exit)
            atexit.register(self._write_at_exit)

    def _write(self) -> OSError | None:
        """Write what is unwritten; the error that kept a part of it from being written."""
        assert self._files is not None
        try:
            if self._fd is None:
                flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
                self._fd = os.open(self._files.events, flags, 0o666)
            while self._unwritten:
                self._unwritten = self._unwritten[os.write(self._fd, self._unwritten) :]
        except OSError as error:
            return error
        return None

    def _write_at_exit(self) -> None:
        deadline = time.monotonic() + _LAST_REPORT_S
        while (error := self._write()) is not None:
            if error.errno not in _FULL or time.monotonic() > deadline:
                print(f"lrsweep: reports were not written: {error}", file=sys.stderr, flush=True)
                return
            time.sleep(0.1)


def _is_rank_0() -> bool:
    return os.environ.get("RANK", "0") in ("", "0")


def _as_step(step: SupportsIndex | SupportsFloat) -> int:
    if isinstance(step, SupportsIndex):
        return operator.index(step)
    value = _as_float("step", step)
    if not value.is_integer():
        raise TypeError(f"step must be a whole number, got {step!r}")
    return int(value)


def _as_float(name: str, value: SupportsFloat) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise TypeError(
            f"metric {name!r} must be a number, got {type(value).__name__} {value!r}"
        ) from None


def _readable(report: Report) -> str:
    values = "  ".join(f"{name} {value:.6g}" for name, value in report.metrics.items())
    return f"step {report.step}  {values}"


_current: tuple[CurrentTrial, ...] = ()
_current_of: tuple[str | None, str | None] | None = None


def current_trial() -> CurrentTrial:
    """The trial that this process runs; outside a sweep a detached one that only prints.

    The same object at every call, so that any module of the script may ask for it. Raises
    `RuntimeError` in a process that runs several trials.
    """
    trials = current_trials()
    if len(trials) > 1:
        raise RuntimeError(f"this process runs {len(trials)} trials: lrsweep.current_trials()")
    return trials[0]


def current_trials() -> tuple[CurrentTrial, ...]:
    """The trials that this process runs: one, unless the sweep has put several into it.

    Each reports for itself and ends for itself (`CurrentTrial.end`, or by `TrialStopped`).
    """
    global _current, _current_of
    of = (os.environ.get(protocol.ENV_FOLDER), os.environ.get(protocol.ENV_MEMBERS))
    if of != _current_of:
        _current, _current_of = _from_environment(os.environ), of
    return _current


def _from_environment(env: Mapping[str, str]) -> tuple[CurrentTrial, ...]:
    if members := env.get(protocol.ENV_MEMBERS):
        text = Path(members).read_text(encoding="utf-8")
        return tuple(_member(member, env) for member in protocol.decode_members(text))
    folder = env.get(protocol.ENV_FOLDER)
    params: Any = json.loads(env.get(protocol.ENV_PARAMS) or "{}")
    trial = CurrentTrial(
        number=int(env.get(protocol.ENV_TRIAL) or 0),
        attempt=int(env.get(protocol.ENV_ATTEMPT) or 1),
        params=params,
        seed=int(env.get(protocol.ENV_SEED) or 0),
        folder=Path(folder) if folder else None,
        study=env.get(protocol.ENV_STUDY, ""),
        study_id=env.get(protocol.ENV_STUDY_ID, ""),
    )
    return (trial,)


def _member(member: Member, env: Mapping[str, str]) -> CurrentTrial:
    return CurrentTrial(
        number=member.key.trial,
        attempt=member.key.attempt,
        params=member.params,
        seed=member.seed,
        folder=Path(member.folder),
        study=env.get(protocol.ENV_STUDY, ""),
        study_id=env.get(protocol.ENV_STUDY_ID, ""),
        shares_process=True,
    )
