"""One training in progress: all of its state, and how to take it one step further."""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from lrsweep.analysis.schedules import Schedule
from lrsweep.train.devices import Precision
from lrsweep.train.examples import Batch, Examples, Shuffle
from lrsweep.train.fine_tuning import (
    GradualUnfreezing,
    layer_rates,
    parameter_groups,
    parse_rates,
    training_mode,
)
from lrsweep.train.optimizers import make_optimizer
from lrsweep.train.parallel import World, exchange
from lrsweep.train.recipe import Recipe
from lrsweep.train.schedules import attach_schedule

# Outputs and targets of a batch to one number, the mean over its examples.
Measure = Callable[[Tensor, Tensor], Tensor]
# A batch and the progress of training, 0 to 1, to the batch that is trained on.
Transform = Callable[[Batch, float], Batch]

_EVALUATION_BATCH = 256


@dataclass(frozen=True, slots=True)
class Vitals:
    """How one step went: its rate, the norm of its gradient, |change| / |weights| over them all."""

    lr: float = math.nan
    grad_norm: float = math.nan
    update_ratio: float = math.nan


class Training:
    """Model, optimizer, schedule, order of examples and random numbers, moved on together.

    `seen` counts examples, `budget` is where training ends, and `steps` how many optimizer steps
    that takes.
    """

    def __init__(
        self,
        model: nn.Module,
        examples: Examples,
        loss: Measure,
        recipe: Recipe,
        *,
        transform: Transform | None = None,
    ) -> None:
        self.recipe = recipe
        self.world = World(examples.device)
        self.budget = _budget(len(examples), recipe, self.world.size)
        self.steps = math.ceil(self.budget / recipe.batch_size)
        self.seen = 0
        self.precision = Precision(recipe.precision, examples.device)
        self.optimizer = _optimizer(model, recipe)
        self.plateau = Schedule.parse(recipe.schedule).plateau()
        self.schedule = attach_schedule(
            self.optimizer,
            recipe.schedule,
            self.steps,
            warmup=recipe.warmup,
            plateau=self.plateau,
        )
        self._model = model
        self._parallel = self.world.wrap(model, freezes=recipe.unfreeze is not None)
        self.forward: Callable[[Tensor], Tensor] = _compiled(self._parallel, recipe.compile)
        self._thaw = GradualUnfreezing(model, recipe.unfreeze) if recipe.unfreeze else None
        self._examples = examples
        self._order = Shuffle(len(examples), recipe.seed, examples.device)
        self._loss = loss
        self._transform = transform
        if self.world.size > 1:  # the same weights from here on, each with its own dropout
            torch.manual_seed(recipe.seed + self.world.rank)

    def leave(self) -> None:
        """End the exchange with other processes; training is over."""
        self._parallel = self.forward = self._model
        self.world.leave()

    @property
    def fingerprint(self) -> str:
        """Names the recipe and the model that a checkpoint fits."""
        shapes = [(name, tuple(t.shape)) for name, t in self._model.state_dict().items()]
        return f"{self.recipe} {shapes}"

    @property
    def progress(self) -> float:
        return self.seen / self.budget

    @property
    def lr(self) -> float:
        """The learning rate of the next step, where groups differ the largest."""
        return max(float(group["lr"]) for group in self.optimizer.param_groups)

    def train_mode(self) -> None:
        """Set model and optimizer to training; evaluation leaves them otherwise."""
        training_mode(self._model)
        _switch(self.optimizer, "train")

    def advance(self, until: int) -> tuple[float, Vitals]:
        """Train until `until` examples are seen: mean loss on the way, vitals of the last step."""
        self.train_mode()
        total = torch.zeros((), device=self._examples.device)
        start, vitals = self.seen, Vitals()
        while self.seen < until:
            count = min(self.recipe.batch_size, self.budget - self.seen)
            loss, vitals = self.step(count, measured=self.seen + count >= until)
            total += loss
        return float(total) / (self.seen - start), vitals

    def step(self, count: int, *, measured: bool = False) -> tuple[Tensor, Vitals]:
        """One optimizer step on the next `count` examples: the sum of their losses, its vitals."""
        if self._thaw is not None and self._thaw.at(self.progress):
            training_mode(self._model)
        self.optimizer.zero_grad()
        loss = self._backward(self._order.next(count))
        self.seen += count
        self.precision.scaler.unscale_(self.optimizer)
        parameters = [p for p in self._model.parameters() if p.grad is not None] if measured else []
        grad_norm = _norm([p.grad for p in parameters if p.grad is not None])
        if self.recipe.clip_norm is not None:
            nn.utils.clip_grad_norm_(self._model.parameters(), self.recipe.clip_norm)
        lr, before = self.lr, [p.detach().clone() for p in parameters]
        self._apply()
        change = _norm([p.detach() - b for p, b in zip(parameters, before, strict=True)])
        return loss, Vitals(lr, grad_norm, change / max(_norm(before), 1e-30))

    def _backward(self, indices: Tensor) -> Tensor:
        """Gradients of the mean loss over `indices`, by micro-batches; the sum of the losses."""
        parts = self.world.part(indices).tensor_split(self.recipe.accumulate)
        parts = tuple(part for part in parts if len(part))
        total = torch.zeros((), device=indices.device)
        for part in parts:
            # Averaging over the processes waits for the last micro-batch.
            with exchange(self._parallel, wanted=part is parts[-1]):
                inputs, targets = self._batch(part)
                with self.precision.autocast():
                    outputs = self.forward(inputs)
                loss = self._loss(_full(outputs), targets)
                # The world averages gradients over its processes, whatever their parts' sizes.
                share = len(part) * self.world.size / len(indices)
                scaled = self.precision.scaler.scale(loss * share)
                scaled.backward()  # type: ignore[no-untyped-call]
            total += loss.detach() * len(part)
        return self.world.sum(total)

    def _batch(self, indices: Tensor) -> Batch:
        batch = self._examples.take(indices)
        return self._transform(batch, self.progress) if self._transform else batch

    def _apply(self) -> None:
        scaler = self.precision.scaler
        scale = scaler.get_scale()
        scaler.step(self.optimizer)
        scaler.update()
        if scaler.get_scale() >= scale:  # a smaller one: the gradient overflowed, no step was taken
            self.schedule.step()

    @torch.no_grad()
    def evaluate(self, examples: Examples, measures: Mapping[str, Measure]) -> dict[str, float]:
        """The mean of each measure over all `examples`."""
        self._model.eval()
        _switch(self.optimizer, "eval")
        totals = {name: torch.zeros((), device=examples.device) for name in measures}
        for inputs, targets in examples.in_order(_EVALUATION_BATCH):
            with self.precision.autocast():
                outputs = self._model(inputs)
            for name, measure in measures.items():
                totals[name] += measure(_full(outputs), targets) * len(targets)
        return {name: float(total) / len(examples) for name, total in totals.items()}

    def state_dict(self) -> dict[str, Any]:
        """All that a training process needs to continue bit for bit on the same kind of device."""
        plateau = self.plateau
        return {
            "seen": self.seen,
            "model": self._model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": {"last_epoch": self.schedule.last_epoch},
            "plateau": None if plateau is None else vars(plateau),
            "scaler": self.precision.scaler.state_dict(),
            "order": self._order.state_dict(),
            "python": random.getstate(),
            "numpy": _numpy_rng_state(),
            "torch": torch.get_rng_state(),
            "cuda": _cuda_rng_states(self._examples.device),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.seen = state["seen"]
        self._model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.last_epoch = state["schedule"]["last_epoch"]
        if self.plateau is not None:
            vars(self.plateau).update(state["plateau"])
        self.precision.scaler.load_state_dict(state["scaler"])
        self._order.load_state_dict(state["order"])
        random.setstate(state["python"])
        _set_numpy_rng_state(state["numpy"])
        torch.set_rng_state(state["torch"].cpu())
        torch.cuda.set_rng_state_all([s.cpu() for s in state["cuda"]])


def _numpy_rng_state() -> tuple[Any, ...] | None:
    """As plain numbers, which are safe to load; None where the script has not imported numpy."""
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return None
    kind, keys, *rest = numpy.random.get_state()
    return (kind, keys.tolist(), *rest)


def _set_numpy_rng_state(state: tuple[Any, ...] | None) -> None:
    numpy = sys.modules.get("numpy")
    if numpy is not None and state is not None:
        numpy.random.set_state(state)


def _cuda_rng_states(device: torch.device) -> list[Tensor]:
    return torch.cuda.get_rng_state_all() if device.type == "cuda" else []


def _budget(examples: int, recipe: Recipe, processes: int) -> int:
    """Examples to see. A last batch too small to give every process a part is left out."""
    budget = max(1, round(recipe.epochs * examples))
    rest = budget % recipe.batch_size
    return budget - rest if 0 < rest < processes < budget else budget


def _optimizer(model: nn.Module, recipe: Recipe) -> Optimizer:
    groups = parameter_groups(
        model,
        recipe.scaled_lr,
        rates=_rates(model, recipe),
        decay_norms=recipe.decay_norms,
        matrices_apart=recipe.optimizer == "muon",
    )
    return make_optimizer(
        recipe.optimizer, groups, recipe.scaled_lr, weight_decay=recipe.weight_decay
    )


def _rates(model: nn.Module, recipe: Recipe) -> dict[str, float]:
    """What multiplies the rate, by the start of parameter names; the recipe's own before decay."""
    own = parse_rates(recipe.layer_rates)
    decayed = layer_rates(model, recipe.layer_decay) if recipe.layer_decay < 1 else {}
    named = tuple(f"{name}." for name in own)
    return {b: rate for b, rate in decayed.items() if not f"{b}.".startswith(named)} | own


def _compiled(model: nn.Module, how: str) -> Callable[[Tensor], Tensor]:
    if how == "off":
        return model
    return torch.compile(model, mode="reduce-overhead" if how == "cuda-graphs" else "default")


def _switch(optimizer: Optimizer, mode: str) -> None:
    # Schedule-free optimizers keep other weights for training than for evaluation.
    switch = getattr(optimizer, mode, None)
    if switch is not None:
        switch()


def _full(outputs: Tensor) -> Tensor:
    return outputs.float() if outputs.dtype in (torch.bfloat16, torch.float16) else outputs


def _norm(tensors: Sequence[Tensor]) -> float:
    if not tensors:
        return math.nan
    return float(torch.linalg.vector_norm(torch.stack([t.norm() for t in tensors])))
