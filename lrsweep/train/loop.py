"""The loop: train, evaluate at fixed shares of the examples, report, stop when told or diverged."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from torch import Tensor, nn

from lrsweep.analysis.range_test import RateRamp
from lrsweep.client import CurrentTrial, TrialStopped, current_trial
from lrsweep.protocol import ENV_DIRECTION, ENV_METRIC, ENV_RANGE_TEST
from lrsweep.terms import direction_of
from lrsweep.train.checkpoint import Checkpoint
from lrsweep.train.devices import peak_memory_mib
from lrsweep.train.examples import Examples
from lrsweep.train.range_test import run_range_test
from lrsweep.train.recipe import Recipe
from lrsweep.train.training import Measure, Training, Transform
from lrsweep.trial import Direction


@dataclass(frozen=True, slots=True)
class FitResult:
    """The last report's metrics, the examples seen by then, and why training ended.

    `ended` is "budget", "diverged", "patience" for early stopping, or "range test".
    """

    metrics: Mapping[str, float]
    examples: int
    ended: str


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
    also: Mapping[str, Examples] | None = None,
    transform: Transform | None = None,
    trial: CurrentTrial | None = None,
) -> FitResult:
    """Train `model` by `recipe` and report to the sweep.

    Reports come at step 1 … `recipe.evaluations`, after equal shares of the examples whatever the
    batch size; a step that passes several shares reports each. They hold `val_loss` and
    `val_<metric>`; `train_loss`, the mean since the report before; `lr`, `grad_norm` and
    `update_ratio` (|change| / |weights|) of the last step; `examples_per_s` and
    `peak_memory_mib`. The first one adds `initial_loss`, the validation loss before training, and
    the last one `test_loss` and `test_<metric>`.

    `recipe.range_test`, or `LRSWEEP_RANGE_TEST` in the environment, runs a range test in its place.

    Training ends at the budget of `recipe.epochs`, at a validation loss that is not finite, or when
    that has not fallen for `recipe.patience` evaluations: patience and a plateau follow the
    objective of the sweep where it is among the metrics. `also` names further examples to evaluate
    at every report (`<name>_loss` …). `transform` changes each training batch, knowing the
    progress. Within a sweep, an attempt that was lost resumes from its checkpoint.

    Raises `lrsweep.TrialStopped` when the sweep has decided to stop this trial.
    """
    trial = trial or current_trial()
    range_test = recipe.range_test or os.environ.get(ENV_RANGE_TEST)
    if range_test:
        ramp = RateRamp.parse(range_test)
        plain = replace(recipe, lr=1.0, scale_lr="none", schedule="constant", warmup="0")
        run_range_test(Training(model, train, loss, plain, transform=transform), ramp, trial)
        return FitResult({}, 0, "range test")
    training = Training(model, train, loss, recipe, transform=transform)
    try:
        examined = {"val": validation, **(also or {})}
        return _Loop(training, examined, test, {"loss": loss, **(metrics or {})}, trial).run()
    finally:
        training.leave()


class _Loop:
    """From report to report, and from checkpoint to checkpoint."""

    def __init__(
        self,
        training: Training,
        examined: Mapping[str, Examples],
        test: Examples | None,
        measures: Mapping[str, Measure],
        trial: CurrentTrial,
    ) -> None:
        self._training = training
        self._examined, self._test, self._measures = examined, test, measures
        self._trial = trial
        self._checkpoint = Checkpoint(
            trial.folder, training.fingerprint, training.recipe.checkpoint_s
        )
        self._reports = 0
        self._values: dict[str, float] = {}
        self._best, self._waited = math.inf, 0

    def run(self) -> FitResult:
        recipe, training = self._training.recipe, self._training
        self._resume()
        ended = ""
        while not ended:
            self._reports += 1
            share = self._reports / recipe.evaluations
            until = min(training.budget, math.ceil(share * training.budget))
            if training.seen < until:
                self._values = training.world.share(self._train_and_evaluate(until))
            ended = self._why_end()
            if ended and self._test is not None:
                self._values |= training.world.share(self._evaluate(self._test, "test"))
            self._report(share)
            if not ended and self._checkpoint.due and training.world.leads:
                self._save()
        self._checkpoint.discard()
        return FitResult(self._values, training.seen, ended)

    def _train_and_evaluate(self, until: int) -> dict[str, float]:
        training, start = self._training, self._training.seen
        untrained = {} if start else self._evaluate(self._examined["val"], "initial", only="loss")
        began = time.perf_counter()
        train_loss, vitals = training.advance(until)
        took = time.perf_counter() - began
        examined = [self._evaluate(examples, name) for name, examples in self._examined.items()]
        return {
            **{name: value for values in examined for name, value in values.items()},
            "train_loss": train_loss,
            "lr": vitals.lr,
            "grad_norm": vitals.grad_norm,
            "update_ratio": vitals.update_ratio,
            "examples_per_s": (training.seen - start) / took,
            "peak_memory_mib": peak_memory_mib(self._examined["val"].device),
            **untrained,
        }

    def _evaluate(self, examples: Examples, prefix: str, only: str = "") -> dict[str, float]:
        if not self._training.world.leads:
            return {}
        measures = {only: self._measures[only]} if only else self._measures
        values = self._training.evaluate(examples, measures)
        return {f"{prefix}_{name}": value for name, value in values.items()}

    def _why_end(self) -> str:
        """Take note of the objective; why training ends here, or nothing where it continues."""
        loss, recipe = self._values["val_loss"], self._training.recipe
        cost = self._cost()
        if self._training.plateau is not None:
            self._training.plateau.observe(cost)
        self._waited = 0 if cost < self._best else self._waited + 1
        self._best = min(self._best, cost)
        if not math.isfinite(loss):
            return "diverged"
        if self._reports == recipe.evaluations:
            return "budget"
        if recipe.patience is not None and self._waited >= recipe.patience:
            return "patience"
        return ""

    def _cost(self) -> float:
        """The sweep's objective where this reports it, with the sign that makes lower better."""
        name = os.environ.get(ENV_METRIC, "")
        better = os.environ.get(ENV_DIRECTION) or direction_of(name)
        if name not in self._values or better is None:
            return self._values["val_loss"]
        return Direction(better).sort_key(self._values[name])

    def _report(self, share: float) -> None:
        world, reason = self._training.world, None
        if world.leads:
            try:
                self._trial.report(
                    self._reports, self._values, examples=self._training.seen, fraction=share
                )
            except TrialStopped as stopped:
                reason = stopped.reason
        reason = world.share(reason)
        if reason is not None:
            raise TrialStopped(reason)

    def _resume(self) -> None:
        state = self._checkpoint.load(self._examined["val"].device)
        if state is not None:
            self._training.load_state_dict(state["training"])
            self._reports, self._values = state["reports"], state["values"]
            self._best, self._waited = state["best"], state["waited"]

    def _save(self) -> None:
        self._checkpoint.save(
            {
                "training": self._training.state_dict(),
                "reports": self._reports,
                "values": self._values,
                "best": self._best,
                "waited": self._waited,
            }
        )
