"""Search as a conversation: a sweep asks what to try next in a slot, and tells how trials ended.

Proposers are composed rather than extended: `Chain(first_points, sampler)` proposes the first
points, then what the sampler chooses. None of them starts a trial or knows the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from lrsweep.trial import Ending, Params, Slot


@dataclass(frozen=True, slots=True)
class Proposal:
    """Parameters to try, complete, and the name of the proposer that chose them.

    `number` is that of the trial where the study has it already: an Optuna sampler proposes by
    adding a trial to the study, and other tools enqueue trials. None makes a new trial of it.
    `seed` is the one to run it with, where that matters.
    """

    params: Params
    by: str
    number: int | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing can be said yet, for the `reason`, one line for people.

    The slot is asked for again when a trial has ended, or after `again_s` seconds where that is
    not None. Where no trial runs and `again_s` is None, nothing could ever follow: the sweep then
    takes it as `Done`.
    """

    reason: str
    again_s: float | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """Nothing more will ever be proposed for slots of this kind (`Slot.kind`); others may go on."""

    reason: str = ""


Answer = Proposal | Wait | Done


class Proposer(Protocol):
    """Says what to try next. Both methods must return soon."""

    def propose(self, slot: Slot) -> Answer:
        """What to run in `slot`, which is free now.

        A proposal is accepted: the caller starts a trial of it, now or after a restart.
        """

    def told(self, ending: Ending) -> None:
        """A trial came to its end, after which it will not be run again.

        Those of earlier runs of the study are told before the first question, oldest first, so a
        proposer needs no memory of its own: it follows what it is told.
        """


class Chain:
    """Proposers one after the other: the next is asked where those before it are done.

    One that waits holds up those that follow. All of them are told of every ending.
    """

    def __init__(self, *proposers: Proposer) -> None:
        self._proposers = proposers

    def propose(self, slot: Slot) -> Answer:
        """What the first proposer that is not done with this kind of slot answers."""
        answer: Answer = Done()
        for proposer in self._proposers:
            answer = proposer.propose(slot)
            if not isinstance(answer, Done):
                break
        return answer

    def told(self, ending: Ending) -> None:
        """Each of the proposers is told."""
        for proposer in self._proposers:
            proposer.told(ending)
