"""Which parameters are a learning rate, an optimizer, a batch size or a length, by their names.

A name may say where it belongs (`optimizer.lr`, `train-bs`) and may be written in any case.
"""

from __future__ import annotations

import re

_LEARNING_RATE = re.compile(r"(?:.*[_.-])?(?:lr0?|lrate|learning[_-]?rate)", re.IGNORECASE)
_OPTIMIZER = re.compile(r"(?:.*[_.-])?(?:optimi[sz]er|optim|opt)", re.IGNORECASE)
_TRAINING_LENGTH = re.compile(
    r"(?:.*\.)?(?:(?:num|n|max|total)[_-]?)?(?:train[_-]?)?(?:epochs?|steps|iters|iterations)",
    re.IGNORECASE,
)
_NOT_THE_RATE = frozenset(
    {
        *(
            "min",
            "end",
            "final",
            "last",
            "warmup",
            "warm",
            "decay",
            "scale",
            "log",
            "stop",
            "anneal",
        ),
        *("target", "threshold", "find", "finder", "auto", "schedule", "scheduler", "sched", "use"),
        *("no", "cosine", "adaptive", "reduce", "cycle", "plateau", "restart", "lower", "floor"),
    }
)
_EVALUATION = frozenset(
    {"eval", "evaluation", "val", "valid", "validation", "test", "dev", "inference", "predict"}
)
_BATCH_SIZE = re.compile(r"(?:.*[_.-])?(?:batch[_.-]?size|batch|bs)", re.IGNORECASE)
_WIDTH = re.compile(
    r"(?:.*[_.-])?(?:width|d[_-]?model|n[_-]?embd?|hidden(?:[_-]?(?:size|dim|units))?"
    r"|embed(?:ding)?[_-]?dim|model[_-]?dim)",
    re.IGNORECASE,
)


def is_learning_rate(name: str) -> bool:
    """Whether `name` is a learning rate's: `lr`, `learning_rate`, `head_lr`, `optimizer.lr`."""
    return _LEARNING_RATE.fullmatch(name) is not None


def is_main_rate(name: str) -> bool:
    """Whether `name` is the learning rate that a training is run with.

    And not the end of a schedule (`min_lr`), the start of a warm-up, a factor, or a switch.
    """
    words = re.split(r"[_.-]+", name.lower())
    return is_learning_rate(name) and _NOT_THE_RATE.isdisjoint(words)


def is_training_batch_size(name: str) -> bool:
    """Whether `name` is the batch size of the training, and not of an evaluation."""
    return is_batch_size(name) and _EVALUATION.isdisjoint(re.split(r"[_.-]+", name.lower()))


def is_optimizer(name: str) -> bool:
    """Whether `name` chooses the optimizer: `optimizer`, `opt`, `train.optim`."""
    return _OPTIMIZER.fullmatch(name) is not None


def is_batch_size(name: str) -> bool:
    """Whether `name` is a batch size: `batch_size`, `train.bs`, `batch`."""
    return _BATCH_SIZE.fullmatch(name) is not None


def is_training_length(name: str) -> bool:
    """Whether `name` says how long a trial trains: `epochs`, `max_steps`, `trainer.max_epochs`."""
    return _TRAINING_LENGTH.fullmatch(name) is not None


def is_width(name: str) -> bool:
    """Whether `name` is the width of a model: `width`, `d_model`, `n_embd`, `hidden_size`."""
    return _WIDTH.fullmatch(name) is not None
