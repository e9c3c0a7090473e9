"""Outcomes in words, and how they are meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from lrsweep.report.parts import Line, Said, Tone, joined, line
from lrsweep.trial import Outcome, StudyRows, TrialRow

TONES: Mapping[Outcome, Tone] = {
    Outcome.COMPLETED: Tone.GOOD,
    Outcome.PRUNED: Tone.QUIET,
    Outcome.DIVERGED: Tone.BAD,
    Outcome.OUT_OF_MEMORY: Tone.BAD,
    Outcome.CRASHED: Tone.BAD,
    Outcome.TIMED_OUT: Tone.WARN,
    Outcome.CANCELLED: Tone.WARN,
    Outcome.LOST: Tone.WARN,
}


def outcome_said(outcome: Outcome) -> Said:
    """ "out of memory", meant as it is."""
    return Said(outcome.value.replace("_", " "), TONES[outcome])


def state_said(trial: TrialRow) -> Said:
    """How a trial ended; "running" or "waiting" for one that has not."""
    if trial.outcome is not None:
        return outcome_said(trial.outcome)
    return Said("waiting" if trial.started_at is None else "running", Tone.QUIET)


def count_outcomes(rows: StudyRows) -> dict[Outcome, int]:
    """How many trials ended each way, in the order of `Outcome`; ways that none took left out."""
    counts = Counter(trial.outcome for trial in rows.trials)
    return {outcome: counts[outcome] for outcome in Outcome if counts[outcome]}


def outcomes_said(rows: StudyRows) -> Line:
    """ "24: 17 completed, 4 pruned, 3 diverged"."""
    counts = count_outcomes(rows)
    parts = [
        line(Said(f"{count} ", TONES[outcome]), outcome_said(outcome))
        for outcome, count in counts.items()
    ]
    if unfinished := len(rows.trials) - sum(counts.values()):
        parts.append(line(f"{unfinished} not ended"))
    return line(f"{len(rows.trials)}{': ' if parts else ''}", *joined(parts))
