"""How to train: the numbers a sweep turns, as one value."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, fields

from lrsweep.errors import InputError


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything `fit` needs to know beside the model and the data.

    `evaluations` is how often the model is evaluated and reported, at equal shares of the examples
    to be seen, whatever the batch size. `weight_decay` None keeps the optimizer's own default.
    """

    lr: float
    optimizer: str = "sgd"
    batch_size: int = 64
    epochs: float = 10
    weight_decay: float | None = None
    evaluations: int = 20
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.lr >= 0:
            raise InputError(f"the learning rate must not be negative, got {self.lr}")
        for name in ("batch_size", "epochs", "evaluations"):
            if not getattr(self, name) > 0:
                raise InputError(f"{name} must be positive, got {getattr(self, name)}")

    @classmethod
    def of(cls, args: argparse.Namespace) -> Recipe:
        """The recipe in parsed command-line arguments; what they lack keeps its default."""
        names = (f.name for f in fields(cls))
        return cls(**{name: getattr(args, name) for name in names if hasattr(args, name)})
