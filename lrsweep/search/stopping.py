"""Reasons to end a search before its trials are used up, each a rule that follows endings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

from lrsweep.search.curves import Curves
from lrsweep.search.proposer import Answer, Done, Proposer
from lrsweep.trial import Direction, Ending, Outcome, Slot


class StopRule(Protocol):
    """Follows endings, and says when enough has been seen."""

    def told(self, ending: Ending) -> None:
        """A trial came to its end."""

    def reason(self) -> str | None:
        """Why the search should end; None where it should not."""


class Stopping:
    """Proposes what `inner` does until a rule says that it is enough."""

    def __init__(self, inner: Proposer, rules: Sequence[StopRule]) -> None:
        self._inner = inner
        self._rules = tuple(rules)

    def propose(self, slot: Slot) -> Answer:
        """What `inner` answers; done where a rule says so."""
        for rule in self._rules:
            if (reason := rule.reason()) is not None:
                return Done(reason)
        return self._inner.propose(slot)

    def told(self, ending: Ending) -> None:
        """Rules and `inner` are told."""
        for rule in self._rules:
            rule.told(ending)
        self._inner.told(ending)


class Target:
    """Enough once a completed trial is as good as `value`."""

    def __init__(self, value: float, direction: Direction) -> None:
        self._value = value
        self._direction = direction
        self._reached: Ending | None = None

    def told(self, ending: Ending) -> None:
        """Remembers the first trial that reached the value."""
        value = _completed(ending)
        if value is None or self._reached is not None:
            return
        if not self._direction.better(self._value, value):
            self._reached = ending

    def reason(self) -> str | None:
        """That the target was reached, and by which trial."""
        if self._reached is None:
            return None
        by = f"trial {self._reached.key.trial} with {self._reached.value:.6g}"
        return f"the target {self._value:g} was reached by {by}"


class NoImprovement:
    """Enough after `trials` informative trials without an improvement beyond noise.

    Noise is that of one report of the best trial around its own curve: two trials nearer than
    twice that are the same.
    """

    def __init__(self, trials: int, direction: Direction, curves: Curves) -> None:
        self._trials = trials
        self._direction = direction
        self._curves = curves
        self._best: float | None = None
        self._since = 0

    def told(self, ending: Ending) -> None:
        """Counts from the last trial that was better beyond noise."""
        if not ending.outcome.informs:
            return
        self._since += 1
        value = _completed(ending)
        if value is None:
            return
        if self._best is None:
            self._best, self._since = value, 0
            return
        curve = self._curves.get(ending.key.trial)
        noise = 0.0 if curve is None else 2 * curve.noise()
        sign = 1 if self._direction is Direction.MINIMIZE else -1
        if sign * (self._best - value) > noise:
            self._best, self._since = value, 0

    def reason(self) -> str | None:
        """How many trials brought nothing better."""
        if self._since < self._trials:
            return None
        return f"{self._since} trials in a row brought no improvement beyond noise"


class TrainingBudget:
    """Enough once the trials have spent as much as `trainings` full ones.

    A pruned or diverged trial counts as the share of its budget that it spent.
    """

    def __init__(self, trainings: float, curves: Curves) -> None:
        self._trainings = trainings
        self._curves = curves
        self._spent = 0.0

    def told(self, ending: Ending) -> None:
        """Adds what the trial spent."""
        if ending.outcome is Outcome.COMPLETED:
            self._spent += 1
            return
        curve = self._curves.get(ending.key.trial)
        share = None if curve is None else self._curves.share(curve)
        self._spent += 0.0 if share is None else min(share, 1.0)

    def reason(self) -> str | None:
        """How much was spent."""
        if self._spent < self._trainings - 1e-9:
            return None
        return f"the budget of {self._trainings:g} full trainings is spent"


class TimeBudget:
    """Enough once the trials have run for `seconds` together, on however many slots.

    `devices` is how many GPUs each trial takes, where the budget is one of GPU time.
    """

    def __init__(self, seconds: float, text: str, devices: int = 1) -> None:
        self._seconds = seconds
        self._text = text
        self._devices = devices
        self._spent = 0.0

    def told(self, ending: Ending) -> None:
        """Adds the time that the trial ran."""
        self._spent += self._devices * ending.wall_s

    def reason(self) -> str | None:
        """That the time is spent."""
        if self._spent < self._seconds:
            return None
        return f"the budget of {self._text} is spent"


def _completed(ending: Ending) -> float | None:
    value = ending.value
    if ending.outcome is not Outcome.COMPLETED or value is None or not math.isfinite(value):
        return None
    return value
