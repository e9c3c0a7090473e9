"""TensorBoard event files, read through the tensorboard package."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lrsweep.capture.rows import Position, Row
from lrsweep.capture.tail import Mark
from lrsweep.capture.vocabulary import position_word
from lrsweep.errors import PlanError


def require_tensorboard() -> None:
    """Raises `PlanError` where the tensorboard package is not installed."""
    if find_spec("tensorboard") is None:
        raise PlanError(
            "reading TensorBoard files needs the tensorboard package, which is not installed",
            hint="pip install 'lrsweep[tensorboard]'",
        )


class EventFileReader:
    """The scalars of one event file, read from where it last stopped."""

    def __init__(self, path: Path, start: Mark | None = None) -> None:
        require_tensorboard()
        # Imported here: the package is optional and slow to import.
        from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

        self._events = EventFileLoader(str(path))

    def read(self, *, ended: bool = False) -> Iterator[Row]:
        """A row for every step that was written since the last call."""
        for event in self._events.Load():
            values = {
                value.tag: number
                for value in event.summary.value
                # Lightning writes the epoch as one more scalar.
                if position_word(value.tag) is None and (number := _scalar(value)) is not None
            }
            if values:
                yield Row(values, Position(step=int(event.step)))


def _scalar(value: Any) -> float | None:
    # The loader turns old-style scalars into tensors of one element.
    if value.metadata.plugin_data.plugin_name != "scalars":
        return None
    from tensorboard.util.tensor_util import make_ndarray

    array = make_ndarray(value.tensor)
    return float(array.item()) if array.size == 1 else None
