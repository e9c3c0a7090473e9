"""What bounds a sweep."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds a sweep. Times in seconds.

    `trials` is how many trials that count the study is to have, None for as many as are proposed.
    Trials that broke do not count; a run starts at most twice as many attempts as trials are
    missing at its beginning.

    `retries` is how often a lost trial is run again, and with `retry_crashed` a crashed one. A run
    gives up when more than `max_failed` trials have failed, or when `same_failures` have failed
    the same way before any trial came to a result.

    A process that was asked to stop and goes on reporting is ended after `asks_grace_s`. One that
    is silent may be saving its model: it is left alone for `saving_s`, longer where its reports
    were far apart. `grace_s` is the time from SIGTERM to SIGKILL. With `stop_diverged` a trial ends
    where its training is seen to be lost.
    """

    trials: int | None = None
    timeout_s: float | None = None
    trial_timeout_s: float | None = None
    retries: int = 1
    retry_crashed: bool = False
    max_failed: int | None = None
    same_failures: int = 3
    asks_grace_s: float = 10.0
    saving_s: float = 60.0
    grace_s: float = 5.0
    stop_diverged: bool = True
