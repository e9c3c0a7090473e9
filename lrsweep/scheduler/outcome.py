"""What became of an attempt whose process ended."""

from __future__ import annotations

import signal

from lrsweep.scheduler.messages import Exit
from lrsweep.scheduler.running import RunningAttempt
from lrsweep.trial import Outcome

# Signals that a program does not raise by a fault of its own.
_FROM_OUTSIDE = frozenset(
    {
        signal.SIGHUP,
        signal.SIGINT,
        signal.SIGQUIT,
        signal.SIGKILL,
        signal.SIGTERM,
        signal.SIGUSR1,
        signal.SIGUSR2,
        signal.SIGXCPU,
    }
)
# A shell that ran the program exits with this and the signal that ended it.
_SHELL = 128


def outcome_of(
    attempt: RunningAttempt, exit: Exit, metric: str, *, forced: bool
) -> tuple[Outcome, str]:
    """The outcome and a reason for people; `forced` says that the job was being ended by force.

    Who was to stop and has heard of it, or was ended, gets what was decided. Who ended before the
    request reached it gets what its own end says.
    """
    if attempt.why is Outcome.DIVERGED:
        return attempt.why, attempt.reason
    if attempt.why is not None:
        ended_by_us = exit.stopped or forced
        # One that goes on reporting to its own end has ignored the request; a last evaluation
        # after the request may be one report.
        to_its_end = attempt.spent or (attempt.ignored > 1 and not ended_by_us)
        if (attempt.heard or ended_by_us) and not (exit.code == 0 and to_its_end):
            return attempt.why, attempt.reason
    if exit.out_of_memory:
        return Outcome.OUT_OF_MEMORY, exit.detail or "it ran out of memory"
    if exit.code is None:
        return Outcome.LOST, exit.detail or "its process vanished"
    if exit.code != 0:
        killer = signal_of(exit.code)
        if killer in _FROM_OUTSIDE:
            return Outcome.LOST, f"killed from outside by {killer.name}"
        return Outcome.CRASHED, _describe(exit.code, exit.detail)
    if attempt.objective.value is None:
        others = ", ".join(sorted(attempt.metrics)) or "nothing"
        said = f"it never reported {metric} (it reported {others})"
        return Outcome.CRASHED, f"{said}; {exit.detail}" if exit.detail else said
    return Outcome.COMPLETED, attempt.objective.sentence


def signal_of(code: int) -> signal.Signals | None:
    """The signal that ended a process with this exit code, itself or below a shell."""
    number = -code if code < 0 else code - _SHELL
    try:
        return signal.Signals(number)
    except ValueError:
        return None


def _describe(code: int, detail: str) -> str:
    what = f"exit code {code}"
    if code < 0:
        found = signal_of(code)
        what = f"killed by {found.name if found else f'signal {-code}'}"
    return f"{what}: {detail}" if detail else what
