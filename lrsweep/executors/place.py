"""Where an executor of this machine gets its slots from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, Self

from lrsweep.trial import Slot


class Place(Protocol):
    """Slots that belong to a sweep while it runs. A context manager.

    Entering takes what the slots need, and raises `PlanError` where that cannot be had.
    """

    @property
    def slots(self) -> Sequence[Slot]:
        """Where jobs may run now. They may come and go; each has an index of its own."""

    def has_room(self, slot: Slot) -> bool:
        """Whether a job can start in the slot now, as far as others leave room there."""

    def notes(self) -> list[str]:
        """What people should know of the slots, since the last call."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_error: object) -> None: ...


class FixedPlace:
    """Slots that need nothing. `slots` may be changed at any time, as a cluster changes."""

    def __init__(self, slots: Sequence[Slot] = (Slot(0),)) -> None:
        self.slots: Sequence[Slot] = slots

    def has_room(self, slot: Slot) -> bool:
        """Always."""
        return slot in self.slots

    def notes(self) -> list[str]:
        """Never one."""
        return []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        pass
