"""Where to look for the learning rate of an optimizer when nothing is known: what `lr=auto` means.

Ranges span the rates that were best somewhere, on models from a linear one to a transformer; they
are starting points. Rates for fine-tuning lie 10 to 100 times below those for training from
scratch. Defaults are the optimizer's own in torch, or in the library that provides it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from lrsweep.errors import InputError


@dataclass(frozen=True, slots=True)
class SearchRange:
    """Learning rates worth trying, each as (low, high) on a log scale.

    `lora` is for the adapters of LoRA, which start at zero and take ten times the rates of full
    fine-tuning; None where nothing is known of it.
    """

    default: float
    from_scratch: tuple[float, float]
    fine_tuning: tuple[float, float]
    lora: tuple[float, float] | None = None


_SGD = SearchRange(1e-3, (1e-3, 10.0), (1e-5, 1e-1))
_MOMENTUM = SearchRange(1e-3, (1e-4, 1.0), (1e-5, 1e-2))
_ADAM = SearchRange(1e-3, (1e-5, 1e-1), (1e-6, 1e-3), (1e-5, 2e-3))
_NADAM = replace(_ADAM, default=2e-3)
_RMSPROP = SearchRange(1e-2, _ADAM.from_scratch, _ADAM.fine_tuning)

SEARCH_RANGES: Mapping[str, SearchRange] = {
    "sgd": _SGD,
    "momentum": _MOMENTUM,
    "nesterov": _MOMENTUM,
    "adam": _ADAM,
    "adamw": _ADAM,
    "nadam": _NADAM,
    "radam": _ADAM,
    "rmsprop": _RMSPROP,
    "adagrad": SearchRange(1e-2, (1e-3, 1.0), (1e-4, 1e-1)),
    "adadelta": SearchRange(1.0, (1e-2, 10.0), (1e-3, 1.0)),
    "adafactor": SearchRange(1e-2, (1e-4, 1e-1), (1e-5, 1e-2)),
    "muon": SearchRange(1e-3, (1e-3, 1.0), (1e-4, 1e-1)),
    # Lion steps by the sign: 3 to 10 times below AdamW (Chen et al. 2302.06675) on large models;
    # on small ones about as high.
    "lion": SearchRange(1e-4, (1e-6, 1e-1), (1e-7, 1e-3)),
    # Averaging asks for more than the plain optimizer's rate (Defazio et al. 2405.15682).
    "schedulefree_sgd": SearchRange(1.0, (1e-2, 10.0), (1e-4, 1e-1)),
    "schedulefree_adamw": SearchRange(2.5e-3, (1e-4, 1e-1), (1e-6, 1e-3)),
}

# What is trained, and the ranges that are known for it by name of the optimizer.
_KNOWN: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "from-scratch": {name: known.from_scratch for name, known in SEARCH_RANGES.items()},
    "fine-tuning": {name: known.fine_tuning for name, known in SEARCH_RANGES.items()},
    "lora": {name: known.lora for name, known in SEARCH_RANGES.items() if known.lora is not None},
}
TRAININGS = tuple(_KNOWN)


def search_range(optimizer: str, training: str = "from-scratch") -> tuple[float, float]:
    """The rates (low, high) to search for `optimizer` in one of `TRAININGS`.

    Raises `InputError` where none are known.
    """
    known = _KNOWN[training]
    if optimizer not in known:
        of = "" if training == "from-scratch" else f"{training} with "
        raise InputError(
            f"no learning rates are known for {of}optimizer {optimizer!r}; known: "
            + ", ".join(known)
        )
    return known[optimizer]
