"""Outcomes in words and colours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from rich.text import Text

from lrsweep.trial import Outcome, StudyRows

OUTCOME_STYLES: Mapping[Outcome, str] = {
    Outcome.COMPLETED: "green",
    Outcome.PRUNED: "dim",
    Outcome.DIVERGED: "red",
    Outcome.OUT_OF_MEMORY: "red",
    Outcome.CRASHED: "bold red",
    Outcome.TIMED_OUT: "yellow",
    Outcome.CANCELLED: "yellow",
    Outcome.LOST: "yellow",
}


def outcome_text(outcome: Outcome) -> Text:
    """ "out of memory", in the outcome's colour."""
    return Text(outcome.value.replace("_", " "), style=OUTCOME_STYLES[outcome])


def count_outcomes(rows: StudyRows) -> dict[Outcome, int]:
    """How many trials ended each way, in the order of `Outcome`; ways that none took left out."""
    counts = Counter(trial.outcome for trial in rows.trials)
    return {outcome: counts[outcome] for outcome in Outcome if counts[outcome]}


def outcomes_text(rows: StudyRows) -> Text:
    """ "24: 17 completed, 4 pruned, 3 diverged"."""
    counts = count_outcomes(rows)
    parts = [
        Text(f"{count} ", style=OUTCOME_STYLES[outcome]).append_text(outcome_text(outcome))
        for outcome, count in counts.items()
    ]
    if unfinished := len(rows.trials) - sum(counts.values()):
        parts.append(Text(f"{unfinished} not ended"))
    total = Text(str(len(rows.trials)))
    return total.append(": ").append_text(Text(", ").join(parts)) if parts else total
