"""Shell completion of study names and trial numbers, read from the database.

Completion must never fail or print: a database that cannot be read completes to nothing.
"""

from __future__ import annotations

import os
from typing import Any

import typer

from lrsweep.storage_url import DEFAULT_STORAGE, ENV_STORAGE


def complete_study(ctx: typer.Context, incomplete: str) -> list[str]:
    """Names of studies that begin with what was typed, the newest first."""
    from lrsweep.errors import LrsweepError
    from lrsweep.store.read import StudyReader

    try:
        with StudyReader(_storage(ctx)) as reader:
            return [name for name in reader.names() if name.startswith(incomplete)]
    except LrsweepError:
        return []


def complete_trial(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Numbers of trials that begin with what was typed, with how each ended."""
    from lrsweep.errors import LrsweepError
    from lrsweep.report.columns import outcome_name
    from lrsweep.store.read import StudyReader

    try:
        with StudyReader(_storage(ctx)) as reader:
            rows = reader.study(ctx.params.get("study"))
    except LrsweepError:
        return []
    found = [(str(trial.number), outcome_name(trial)) for trial in rows.trials]
    return [(number, ended) for number, ended in found if number.startswith(incomplete)]


def complete_bundled(incomplete: str) -> list[str]:
    """Names of the studies that come with lrsweep."""
    from lrsweep.plan import bundled_studies

    return [study.name for study in bundled_studies() if study.name.startswith(incomplete)]


def _storage(ctx: typer.Context) -> str:
    typed: Any = ctx.params.get("storage")
    return typed or os.environ.get(ENV_STORAGE) or DEFAULT_STORAGE
