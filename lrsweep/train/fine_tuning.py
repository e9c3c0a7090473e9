"""Learning rates by layer: discriminative rates, decay with depth, frozen and thawing blocks.

A block is the part of a network that is trained at one rate: each numbered layer
(`encoder.layer.3`), and each largest module without any (`embeddings`, `classifier`). Blocks come
in the order of their definition, which is from input to output in nearly every network.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from torch import nn

from lrsweep.errors import InputError

_HEAD = re.compile(r"(^|[._])(lm_head|head|classifier|output_layer|out_proj_head)([._]|$)")
_NO_HIDDEN = re.compile(
    rf"(^|[._])(pos|position\w*|pos_?\w*|wpe|wte|embed\w*)([._]|$)|{_HEAD.pattern}"
)


def blocks(model: nn.Module) -> dict[str, list[str]]:
    """Block name → names of its parameters, from input to output."""
    names = [name for name, _ in model.named_parameters()]
    numbered = {n for n in map(_numbered_block, names) if n}
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(_numbered_block(name) or _largest_without(name, numbered), []).append(name)
    return found


def _numbered_block(parameter: str) -> str:
    parts = parameter.split(".")
    number = next((i for i, part in enumerate(parts) if part.isdigit()), None)
    return "" if number is None else ".".join(parts[: number + 1])


def _largest_without(parameter: str, numbered: set[str]) -> str:
    parts = parameter.split(".")
    for length in range(1, len(parts)):
        module = ".".join(parts[:length])
        if not any(block.startswith(f"{module}.") for block in numbered):
            return module
    return parameter


def layer_rates(model: nn.Module, decay: float) -> dict[str, float]:
    """Block name → what multiplies the learning rate: 1 at the output, `decay` times less before.

    As in ULMFiT and ELECTRA (1801.06146, 2003.10555). With `decay` 0 all but the last block freeze.
    """
    if not 0 <= decay <= 1:
        raise InputError(f"the layer-wise decay must lie between 0 and 1, got {decay}")
    names = list(blocks(model))
    return {name: decay ** (len(names) - 1 - depth) for depth, name in enumerate(names)}


def parse_rates(text: str) -> dict[str, float]:
    """`classifier=10,embeddings=0`: the start of parameter names → what multiplies the rate.

    Raises `InputError` for what it cannot understand.
    """
    rates: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, factor = part.partition("=")
        try:
            rates[name.strip()] = float(factor)
        except ValueError:
            rates[name.strip()] = math.nan
        if not name.strip() or not 0 <= rates[name.strip()] < math.inf:
            raise InputError(
                f"{part!r} is not the name of a module and what multiplies its rate",
                hint="classifier=10,embeddings=0",
            )
    return rates


def parameter_groups(
    model: nn.Module,
    lr: float,
    *,
    rates: Mapping[str, float] | None = None,
    decay_norms: bool = True,
    matrices_apart: bool = False,
) -> list[dict[str, Any]]:
    """The trainable parameters as groups for an optimizer, each with its own `lr`.

    `rates` maps the start of parameter names (a block, a module) to what multiplies `lr`; the
    longest match counts, others keep `lr`. A rate of 0 freezes: those parameters take part in no
    group and get no gradient, so they stay bit for bit. Without `decay_norms`, vectors (biases,
    norms) get no weight decay. `matrices_apart` marks the hidden matrices for `MuonWithAdamW`.

    Raises `InputError` for a name in `rates` that no parameter has.
    """
    rates = rates or {}
    _check_names(rates, model)
    hidden = _hidden_matrices(model) if matrices_apart else set()
    groups: dict[tuple[float, bool, bool], dict[str, Any]] = {}
    for name, parameter in model.named_parameters():
        multiplier = _rate(name, rates)
        if multiplier == 0:
            parameter.requires_grad_(False)
        if not parameter.requires_grad:
            continue
        decays = decay_norms or parameter.ndim > 1
        matrix = id(parameter) in hidden
        group = groups.setdefault((multiplier, decays, matrix), {"params": []})
        group["params"].append(parameter)
        group["lr"] = lr * multiplier
        if not decays:
            group["weight_decay"] = 0.0
        if matrices_apart:
            group["matrices"] = matrix
    if not groups:
        raise InputError("every parameter is frozen; there is nothing to train")
    return list(groups.values())


def _hidden_matrices(model: nn.Module) -> set[int]:
    """The ids of the matrices of hidden layers: neither tables of tokens or positions nor the head.

    The head is the last layer in the order of definition, unless it shares the embedding's weights,
    and whatever is called one.
    """
    tables = {id(m.weight) for m in model.modules() if isinstance(m, nn.Embedding)}
    matrices = {
        name: parameter
        for name, parameter in model.named_parameters()
        if parameter.ndim == 2 and id(parameter) not in tables
    }
    named = [name for name in matrices if not _NO_HIDDEN.search(name)]
    owners = {
        f"{name}.weight" for name, m in model.named_modules() if not isinstance(m, nn.Embedding)
    }
    tied = any(
        id(parameter) in tables
        for name, parameter in model.named_parameters(remove_duplicate=False)
        if name in owners
    )
    if named and not tied and not any(_HEAD.search(name) for name in matrices):
        named.pop()
    return {id(matrices[name]) for name in named}


def _rate(parameter: str, rates: Mapping[str, float]) -> float:
    parts = parameter.split(".")
    prefixes = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((rates[prefix] for prefix in prefixes if prefix in rates), 1.0)


def _check_names(rates: Mapping[str, float], model: nn.Module) -> None:
    names = [f"{name}." for name, _ in model.named_parameters()]
    for prefix in rates:
        if not any(name.startswith(f"{prefix}.") for name in names):
            known = ", ".join(blocks(model))
            raise InputError(f"no parameter of the model is called {prefix!r}; blocks are {known}")


class GradualUnfreezing:
    """Trains the last block first and thaws one more, towards the input, at each `every` of it all.

    After ULMFiT (1801.06146). `every` is a share of the training, 0 to 1. Blocks that something
    else has frozen stay frozen.
    """

    def __init__(self, model: nn.Module, every: float, order: Sequence[str] | None = None) -> None:
        if not 0 < every <= 1:
            raise InputError(f"blocks thaw one by one after a share from 0 to 1, got {every}")
        self._every = every
        trainable = {name: p for name, p in model.named_parameters() if p.requires_grad}
        named = blocks(model)
        parts = ([trainable[n] for n in named[b] if n in trainable] for b in order or named)
        self._blocks = [part for part in parts if part]
        self._thawed = 0
        self.at(0.0)

    def at(self, progress: float) -> bool:
        """Thaw what is due at `progress`, 0 to 1; whether anything has.

        The rest gets no gradient and stays bit for bit.
        """
        due = min(len(self._blocks), 1 + math.floor(progress / self._every + 1e-9))
        if due == self._thawed:
            return False
        self._thawed = due
        for depth, part in enumerate(reversed(self._blocks)):
            for parameter in part:
                parameter.requires_grad_(depth < due)
        return True


def training_mode(model: nn.Module) -> None:
    """`model.train()`, but batch norms whose weights are frozen keep their statistics too."""
    model.train()
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm) and _frozen(module):
            module.eval()


def _frozen(module: nn.Module) -> bool:
    parameters = list(module.parameters(recurse=False))
    return bool(parameters) and not any(p.requires_grad for p in parameters)
