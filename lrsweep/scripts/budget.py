"""How scripts name the length of a training, and a tenth of it for a smoke sweep."""

from __future__ import annotations

SMOKE_TRIALS = 4
_SHARE = 10
# The surest first.
BUDGETS = (
    "epochs", "num_epochs", "n_epochs", "max_epochs", "num_train_epochs", "trainer.max_epochs",
    "steps", "max_steps", "num_steps", "max_iters", "iterations", "num_iterations", "train_steps",
    "total_steps", "max_train_steps", "total_timesteps", "num_timesteps", "niters", "n_iters",
)  # fmt: skip


def tenth(budget: int | float) -> int | float:
    """A tenth of a number of epochs or steps, and at least one; of the same type."""
    share = max(1, round(budget / _SHARE))
    return share if isinstance(budget, int) else float(share)
