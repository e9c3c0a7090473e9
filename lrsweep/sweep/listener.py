"""What a sweep tells while it runs, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from lrsweep.trial import Outcome, Params, TrialRow


class Listener(Protocol):
    """Is told what happens; must not raise and must return soon."""

    def trial_started(self, number: int, params: Params, slot: str) -> None: ...

    def reported(
        self, number: int, step: int, value: float | None, fraction: float | None
    ) -> None: ...

    def trial_ended(self, row: TrialRow) -> None: ...

    def note(self, text: str) -> None: ...


@dataclass(frozen=True, slots=True)
class SweepEnd:
    """How a sweep ended. `interrupted` is why it ended early; None where it ran to its end.

    `ran` counts this run's endings by outcome. `gave_up` says that it ended early since trials
    failed; `missing` is how many trials that count the study still lacks. `mistake` is what trials
    have proven to be wrong with what was asked for.
    """

    interrupted: str | None
    by_user: bool
    ran: Mapping[Outcome, int] = field(default_factory=dict)
    gave_up: bool = False
    missing: int = 0
    mistake: str = ""

    @property
    def failed_all(self) -> bool:
        """Whether there were trials, and every one of them failed."""
        return bool(self.ran) and all(outcome.failed for outcome in self.ran)
