"""What one line of output, or one record of a file, says: values by name, and how far training is.

The words in between are the same for every source, so that a curve does not care where it was read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Axis(StrEnum):
    """What a curve is counted in; `COUNT` where the script names no unit."""

    EPOCH = "epoch"
    STEP = "step"
    EXAMPLES = "examples"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Position:
    """How far training is, in the script's own words; None for what it does not say.

    `epochs` and `steps` are totals (the 10 of `Epoch 3/10`). `step` may start again in every epoch.
    `bar` says that the step is a bare count (`[640/60000]`), in a unit that nobody named.
    `inherited` says that the epoch comes from an earlier line.
    """

    epoch: float | None = None
    epochs: float | None = None
    step: int | None = None
    steps: int | None = None
    examples: int | None = None
    bar: bool = False
    inherited: bool = False

    @property
    def axis(self) -> Axis:
        if self.examples is not None:
            return Axis.EXAMPLES
        if self.step is not None:
            return Axis.COUNT if self.bar else Axis.STEP
        return Axis.COUNT if self.epoch is None else Axis.EPOCH


@dataclass(frozen=True, slots=True)
class Row:
    """Values seen together at one position. A name's part before a slash is where it was measured:
    `Test set: Average loss: 0.16` gives `test_set/average_loss`."""

    values: Mapping[str, float] = field(default_factory=dict)
    position: Position = Position()


NOTHING = Row()
