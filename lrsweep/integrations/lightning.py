"""A callback for Lightning's Trainer: `Trainer(callbacks=[LrsweepCallback()])`."""

from __future__ import annotations

from lightning.pytorch import Callback, LightningModule, Trainer

from lrsweep.integrations.plain import report


class LrsweepCallback(Callback):
    """Reports what the module logs, after every validation and at the end of every epoch.

    A report's step is the number of optimizer steps. At an epoch's end only what validation did not
    report already is new.
    """

    def __init__(self) -> None:
        self._validated: frozenset[str] = frozenset()

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if trainer.sanity_checking or trainer.state.fn != "fit":
            return
        self._validated = frozenset(trainer.callback_metrics)
        self._report(trainer, self._validated)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._report(trainer, frozenset(trainer.callback_metrics) - self._validated)

    def _report(self, trainer: Trainer, names: frozenset[str]) -> None:
        # One voice of a data-parallel group; the others end with it.
        if not trainer.is_global_zero:
            return
        metrics = {n: value for n, value in trainer.callback_metrics.items() if n in names}
        total = trainer.estimated_stepping_batches
        report(trainer.global_step, metrics, total=int(total) if 0 < total < float("inf") else None)
