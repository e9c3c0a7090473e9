"""Studies made by hand: trials whose objective is a known function of the learning rate."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from lrsweep.trial import Direction, Outcome, Params, StudyRows, TrialRow

START = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def row(number: int, value: float | None, outcome: Outcome | None = None, **more: Any) -> TrialRow:
    """One trial; without an outcome it completed, or diverged where `value` is infinite."""
    if outcome is None:
        infinite = value is not None and math.isinf(value)
        outcome = Outcome.DIVERGED if infinite else Outcome.COMPLETED
    fields: dict[str, Any] = {
        "params": {"lr": 0.1},
        "wall_s": 1.25,
        "started_at": START + timedelta(seconds=number),
    }
    fields |= more
    if "command" not in fields:
        flags = [f"--{name}={value}" for name, value in fields["params"].items()]
        fields["command"] = ("python", "studies/digits/train.py", *flags)
    return TrialRow(number=number, outcome=outcome, value=value, **fields)


def study(trials: Sequence[TrialRow], **more: Any) -> StudyRows:
    """A study of `val_loss` around `trials`."""
    fields: dict[str, Any] = {
        "name": "digits",
        "storage": "sqlite:///lrsweep.db",
        "metric": "val_loss",
        "direction": Direction.MINIMIZE,
        "space": ("lr=1e-5:1",),
        "target": "digits",
        "sampler": "random",
        "pruner": "median",
        "sweep_command": ("lrsweep", "run", "--space", "lr=1e-5:1", "--sampler", "random"),
        "created_at": START,
        "wall_s": 72.4,
    }
    return StudyRows(**(fields | {"trials": tuple(trials)} | more))


def grid_study(rates: Sequence[float], loss: Callable[[float], float], **more: Any) -> StudyRows:
    """One completed (or diverged) trial for each rate."""
    return study([row(i, loss(lr), params={"lr": lr}) for i, lr in enumerate(rates)], **more)


def bowl(best: float, explodes: float = math.inf) -> Callable[[float], float]:
    """A loss with its minimum 0.08 at `best`, infinite from `explodes` up."""

    def loss(lr: float) -> float:
        return math.inf if lr >= explodes else 0.08 + 0.3 * math.log10(lr / best) ** 2

    return loss


BEST_RATE = {"sgd": 0.5, "adamw": 0.004}


def mixed_study(count: int = 24, seed: int = 3, **more: Any) -> StudyRows:
    """Random trials over lr, optimizer and batch size, with every common outcome among them."""
    draw = random.Random(seed)
    trials: list[TrialRow] = []
    metrics: dict[int, Mapping[str, float]] = {}
    failed = "exit code 1: KeyError: 'x'"
    for number in range(count):
        optimizer = draw.choice(["sgd", "adamw"])
        params: Params = {
            "lr": 10 ** draw.uniform(-5, 0),
            "optimizer": optimizer,
            "batch_size": draw.choice([16, 64, 256]),
        }
        best = BEST_RATE[optimizer]
        loss = bowl(best, explodes=40 * best)(float(params["lr"] or 0)) * draw.uniform(1, 1.1)
        outcome = Outcome.PRUNED if loss > 1.2 and not math.isinf(loss) else None
        if number % 11 == 7:
            trials.append(row(number, None, Outcome.CRASHED, params=params, reason=failed))
            continue
        trials.append(row(number, loss, outcome, params=params, wall_s=draw.uniform(0.5, 3)))
        if not math.isinf(loss):
            metrics[number] = {"val_accuracy": 1 - loss / 10, "train_loss": loss * 0.9}
    space = ("lr=1e-5:1", "optimizer=sgd,adamw", "batch_size=16,64,256")
    return study(trials, metrics=metrics, **({"space": space} | more))
