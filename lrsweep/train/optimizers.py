"""Optimizers by name, with the field's defaults."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from lrsweep.errors import InputError

ParamGroups = Iterable[nn.Parameter] | Iterable[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class OptimizerKind:
    """A torch optimizer and the options that make it the one that the name means."""

    make: Callable[..., Optimizer]
    options: Mapping[str, Any] = field(default_factory=dict)


OPTIMIZERS: Mapping[str, OptimizerKind] = {
    "sgd": OptimizerKind(torch.optim.SGD),
    "momentum": OptimizerKind(torch.optim.SGD, {"momentum": 0.9}),
    "nesterov": OptimizerKind(torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
    "adam": OptimizerKind(torch.optim.Adam),
    "adamw": OptimizerKind(torch.optim.AdamW),
    "rmsprop": OptimizerKind(torch.optim.RMSprop),
    "adagrad": OptimizerKind(torch.optim.Adagrad),
}


def make_optimizer(
    name: str,
    params: ParamGroups,
    lr: float,
    *,
    weight_decay: float | None = None,
    **options: Any,
) -> Optimizer:
    """The optimizer called `name` over `params`; `weight_decay` None keeps its own default.

    `options` override its defaults (`betas`, `momentum`, `eps` …). On CUDA the fused kernels are
    used where torch has them. Raises `InputError` for a name that is not in `OPTIMIZERS`.
    """
    if name not in OPTIMIZERS:
        raise InputError(f"unknown optimizer {name!r}; choose one of {', '.join(OPTIMIZERS)}")
    kind = OPTIMIZERS[name]
    groups = list(params)
    chosen = {"lr": lr, **kind.options, **options}
    if weight_decay is not None:
        chosen["weight_decay"] = weight_decay
    if _on_cuda(groups) and "fused" in inspect.signature(kind.make).parameters:
        chosen.setdefault("fused", True)
    return kind.make(groups, **chosen)


def _on_cuda(groups: list[Any]) -> bool:
    tensors = (p for g in groups for p in (g["params"] if isinstance(g, dict) else [g]))
    return all(p.is_cuda for p in tensors)
