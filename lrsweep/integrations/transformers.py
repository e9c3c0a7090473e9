"""A callback for the Trainer of transformers: `Trainer(callbacks=[LrsweepCallback()], ...)`."""

from __future__ import annotations

from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from lrsweep.integrations.plain import report


class LrsweepCallback(TrainerCallback):
    """Reports whatever the Trainer logs: `loss`, `eval_loss`, what `compute_metrics` gives.

    A report's step is the number of optimizer steps.
    """

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        # One voice of a data-parallel group; the others end with it.
        if not state.is_world_process_zero or not logs:
            return
        metrics = {name: value for name, value in logs.items() if name != "epoch"}
        report(state.global_step, metrics, total=state.max_steps)
