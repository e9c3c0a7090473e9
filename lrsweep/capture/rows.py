"""What one line of output, or one record of a file, says: values by name, and how far training is.

The words in between are the same for every source, so that a curve does not care where it was read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


class Axis(StrEnum):
    """What a curve is counted in; `COUNT` where the script names no unit."""

    EPOCH = "epoch"
    STEP = "step"
    EXAMPLES = "examples"
    COUNT = "count"


class Form(IntEnum):
    """In what form a value is shown, the surest last: of two, the surer one is the metric."""

    SUMMARY = 0  # `Finished. val_loss: 0.4`
    BAR = 1  # a progress bar, which is drawn over itself
    LINE = 2  # a printed line that does not say where training is
    STEP = 3  # a line within an epoch
    AFTER_EPOCH = 4  # a line of the epoch that an earlier line named
    EPOCH = 5  # a line that names the epoch that it ends
    RECORD = 6  # a record of a file


@dataclass(frozen=True, slots=True)
class Position:
    """How far training is, in the script's own words; None for what it does not say.

    `epochs` and `steps` are totals (the 10 of `Epoch 3/10`). `step` may start again in every epoch.
    `bar` says that the step is a bare count (`[640/60000]`), in a unit that nobody named.
    `inherited` says that the epoch comes from an earlier line. `fold` is the one of a
    cross-validation.
    """

    epoch: float | None = None
    epochs: float | None = None
    step: int | None = None
    steps: int | None = None
    examples: int | None = None
    bar: bool = False
    inherited: bool = False
    fold: int | None = None
    folds: int | None = None

    @property
    def is_known(self) -> bool:
        """Whether anything says how far training is."""
        return not (self.epoch is None and self.step is None and self.examples is None)

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
    `Test set: Average loss: 0.16` gives `test_set/average_loss`. `marked` is a line that may say a
    value again: `test loss 0.3 is the best so far`."""

    values: Mapping[str, float] = field(default_factory=dict)
    position: Position = Position()
    form: Form = Form.RECORD
    marked: bool = False


NOTHING = Row()
