"""The loop: train, evaluate at fixed shares of the examples, report, stop when told or diverged."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from lrsweep.client import CurrentTrial, current_trial
from lrsweep.train.examples import Examples, Shuffle
from lrsweep.train.optimizers import make_optimizer
from lrsweep.train.recipe import Recipe

# Outputs and targets of a batch to one number, the mean over its examples.
Measure = Callable[[Tensor, Tensor], Tensor]

_EVALUATION_BATCH = 1024


@dataclass(frozen=True, slots=True)
class FitResult:
    """The last report: its metrics, and the examples that training had seen."""

    metrics: Mapping[str, float]
    examples: int
    diverged: bool


def accuracy(outputs: Tensor, targets: Tensor) -> Tensor:
    """The share of `(b, classes)` outputs whose largest entry is at the target `(b,)`."""
    return (outputs.argmax(-1) == targets).float().mean()


def fit(
    model: nn.Module,
    train: Examples,
    validation: Examples,
    *,
    loss: Measure,
    recipe: Recipe,
    metrics: Mapping[str, Measure] | None = None,
    test: Examples | None = None,
    trial: CurrentTrial | None = None,
) -> FitResult:
    """Train `model` by `recipe` and report to the sweep: `val_loss`, `train_loss`, `val_<metric>`.

    Reports come at step 1 … `recipe.evaluations`, after equal shares of the examples whatever the
    batch size; a step that passes several shares reports each. `train_loss` is the mean since the
    report before. The last report also holds `test_loss` and `test_<metric>`. A validation loss
    that is not finite ends training with that report.

    Raises `lrsweep.TrialStopped` when the sweep has decided to stop this trial.
    """
    measures = {"loss": loss, **(metrics or {})}
    trial = trial or current_trial()
    optimizer = make_optimizer(
        recipe.optimizer, model.parameters(), recipe.lr, weight_decay=recipe.weight_decay
    )
    order = Shuffle(len(train), recipe.seed, train.device)
    budget = max(1, round(recipe.epochs * len(train)))
    seen, train_loss = 0, math.nan
    for evaluation in range(1, recipe.evaluations + 1):
        share = evaluation / recipe.evaluations
        total = torch.zeros((), device=train.device)
        start = seen
        while seen < min(budget, math.ceil(share * budget)):
            batch = train.take(order.next(min(recipe.batch_size, budget - seen)))
            total += _step(model, optimizer, loss, *batch) * len(batch[1])
            seen += len(batch[1])
        if seen > start:
            train_loss = float(total) / (seen - start)
            values = {"train_loss": train_loss, **_evaluate(model, validation, measures, "val")}
        diverged = not math.isfinite(values["val_loss"])
        if test is not None and (diverged or evaluation == recipe.evaluations):
            values |= _evaluate(model, test, measures, "test")
        trial.report(evaluation, values, examples=seen, fraction=share)
        if diverged:
            break
    return FitResult(values, seen, diverged)


def _step(
    model: nn.Module, optimizer: Optimizer, loss: Measure, inputs: Tensor, targets: Tensor
) -> Tensor:
    model.train()
    optimizer.zero_grad()
    value = loss(model(inputs), targets)
    value.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    return value.detach()


@torch.no_grad()
def _evaluate(
    model: nn.Module, examples: Examples, measures: Mapping[str, Measure], prefix: str
) -> dict[str, float]:
    model.eval()
    totals = {name: torch.zeros((), device=examples.device) for name in measures}
    for inputs, targets in examples.in_order(_EVALUATION_BATCH):
        outputs = model(inputs)
        for name, measure in measures.items():
            totals[name] += measure(outputs, targets) * len(targets)
    return {f"{prefix}_{name}": float(total) / len(examples) for name, total in totals.items()}
