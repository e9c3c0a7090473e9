"""A callback for Keras: `model.fit(..., callbacks=[LrsweepCallback()])`."""

from __future__ import annotations

from typing import Any

from keras.callbacks import Callback

from lrsweep.integrations.plain import report


class LrsweepCallback(Callback):
    """Reports the logs of every epoch: `loss`, `val_loss` and the model's metrics."""

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        report(epoch + 1, logs or {}, total=self.params.get("epochs"))
