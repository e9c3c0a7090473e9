"""Lines to copy: the best command, and the commands that show more."""

from __future__ import annotations

import shlex

from lrsweep.analysis.landscape import Landscape
from lrsweep.trial import DEFAULT_STORAGE, Outcome, StudyRows, TrialRow


def best_command(land: Landscape) -> str | None:
    """The command of what is recommended, quoted for a shell; None where nothing is."""
    best = land.best if land.recommends else None
    return trial_command(best) if best is not None and best.command else None


def trial_command(trial: TrialRow) -> str:
    """What the trial ran, quoted for a shell."""
    return shlex.join(trial.command)


def show_command(rows: StudyRows, number: int) -> str:
    """Shows one trial whole."""
    return shlex.join(["lrsweep", "show", str(number), "--study", rows.name, *_storage(rows)])


def logs_command(rows: StudyRows, number: int, *flags: str) -> str:
    """Prints what one trial wrote."""
    line = ["lrsweep", "logs", str(number), *flags, "--study", rows.name, *_storage(rows)]
    return shlex.join(line)


def report_command(rows: StudyRows, *flags: str) -> str:
    """Prints the whole report."""
    return shlex.join(["lrsweep", "report", rows.name, *flags, *_storage(rows)])


def sweep_command(rows: StudyRows) -> str | None:
    """What started the sweep; typed again it goes on where it stopped."""
    return shlex.join(rows.sweep_command) if rows.sweep_command else None


def probe_command(rows: StudyRows) -> str | None:
    """Shows what the command prints and writes; None unless trials ended well without a value."""
    silent = any(t.outcome is Outcome.CRASHED and t.exit_code == 0 for t in rows.trials)
    if not silent or rows.best is not None or rows.sweep_command[:2] != ("lrsweep", "run"):
        return None
    return shlex.join(["lrsweep", "probe", *rows.sweep_command[2:]])


def _storage(rows: StudyRows) -> list[str]:
    return [] if rows.storage == DEFAULT_STORAGE else ["--storage", rows.storage]
