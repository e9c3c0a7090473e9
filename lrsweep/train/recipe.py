"""How to train: the numbers a sweep turns, as one value."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, fields

from lrsweep.analysis.range_test import RateRamp
from lrsweep.analysis.schedules import Schedule, Warmup
from lrsweep.errors import InputError
from lrsweep.train.batch_size import SCALING_RULES, scaled_lr
from lrsweep.train.devices import PRECISIONS
from lrsweep.train.fine_tuning import parse_rates
from lrsweep.train.optimizers import OPTIMIZERS

COMPILE = ("off", "default", "cuda-graphs")


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything `fit` needs to know beside the model and the data. Raises `InputError`.

    lr            learning rate; with `scale_lr` the one for batches of `base_batch`
    batch_size    examples per optimizer step, over all micro-batches and all processes
    epochs        passes over the training examples; may be a fraction
    weight_decay  None keeps the optimizer's own; `decay_norms` False spares biases and norms
    schedule      in the spelling of `lrsweep.analysis.schedules`, as is `warmup`
    accumulate    micro-batches per step
    clip_norm     the largest norm of the whole gradient
    precision     fp32, tf32, bf16 or fp16
    patience      evaluations without a better validation loss before training ends; None: never
    layer_decay   what multiplies the rate per block away from the output; 0 freezes
    layer_rates   `NAME=FACTOR,…`: what multiplies it in these modules, in place of the decay
    unfreeze      share of the training after which one more block thaws; None: all train
    evaluations   how often to evaluate and report, at equal shares of the examples to be seen
    compile       torch.compile: off, default, or with CUDA graphs
    checkpoint_s  seconds between checkpoints in the trial's folder
    range_test    `LOW:HIGH:STEPS` runs a learning-rate range test in place of training
    """

    lr: float
    optimizer: str = "sgd"
    batch_size: int = 64
    epochs: float = 10
    weight_decay: float | None = None
    decay_norms: bool = True
    schedule: str = "constant"
    warmup: str = "0"
    scale_lr: str = "none"
    base_batch: int = 64
    accumulate: int = 1
    clip_norm: float | None = None
    precision: str = "fp32"
    patience: int | None = None
    layer_decay: float = 1.0
    layer_rates: str = ""
    unfreeze: float | None = None
    evaluations: int = 20
    seed: int = 0
    compile: str = "off"
    checkpoint_s: float = 30.0
    range_test: str | None = None

    def __post_init__(self) -> None:
        if not self.lr >= 0:
            raise InputError(f"the learning rate must not be negative, got {self.lr}")
        for name in ("batch_size", "base_batch", "epochs", "accumulate", "evaluations", "patience"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise InputError(f"{name} must be positive, got {value}")
        if self.accumulate > self.batch_size:
            raise InputError(
                f"a batch of {self.batch_size} cannot be split into {self.accumulate} micro-batches"
            )
        for name, known in _NAMES.items():
            if getattr(self, name) not in known:
                given = getattr(self, name)
                raise InputError(f"unknown {name} {given!r}; choose one of {', '.join(known)}")
        Schedule.parse(self.schedule)
        Warmup.parse(self.warmup)
        parse_rates(self.layer_rates)
        if self.range_test is not None:
            RateRamp.parse(self.range_test)

    @property
    def scaled_lr(self) -> float:
        """The learning rate for this batch size."""
        return scaled_lr(self.lr, self.batch_size, self.scale_lr, self.base_batch)

    @classmethod
    def of(cls, args: argparse.Namespace) -> Recipe:
        """The recipe in parsed command-line arguments; what they lack keeps its default."""
        names = (f.name for f in fields(cls))
        return cls(**{name: getattr(args, name) for name in names if hasattr(args, name)})


_NAMES = {
    "optimizer": tuple(OPTIMIZERS),
    "scale_lr": tuple(SCALING_RULES),
    "precision": PRECISIONS,
    "compile": COMPILE,
}
