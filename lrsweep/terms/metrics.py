"""Metrics by their names: the words that say what is measured, and which way is better."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from lrsweep.trial import Direction

# Lower is better.
MINIMIZED = frozenset(
    {
        *("loss", "losses", "cost", "error", "err", "perplexity", "ppl", "mse", "rmse", "rmsle"),
        *("mae", "mape", "smape", "logloss", "mlogloss", "merror", "nll", "bpc", "bpb", "bpd"),
        *("wer", "cer", "ter", "fid", "brier", "ece", "hinge", "deviance", "xent"),
        *("crossentropy", "regret", "l1", "l2"),
    }
)
# Higher is better.
MAXIMIZED = frozenset(
    {
        *("acc", "accuracy", "top1", "top5", "f1", "auc", "auroc", "auprc", "precision"),
        *("recall", "map", "miou", "iou", "dice", "bleu", "sacrebleu", "rouge", "rouge1"),
        *("rouge2", "rougel", "meteor", "r2", "ndcg", "mrr", "psnr", "ssim", "mcc", "kappa"),
        *("sensitivity", "specificity", "reward", "rew", "correct"),
    }
)
# A measure of quality whose direction its name does not tell.
UNDIRECTED = frozenset(
    {"score", "metric", "objective", "elbo", "entropy", "kl", "return", "fitness"}
)
_COMPOUND = ("loss", "error", "accuracy", "perplexity")

# `neg_mean_squared_error` is higher when better: a turned sign makes a name uncertain.
_TURNS = frozenset({"neg", "negative", "minus", "inverse", "no"})
_GRADIENT_NORM = {("grad", "norm"), ("gradient", "norm"), ("gradients", "norm")}
_DOWN = ("loss", "error", "perplexity")
_UP = ("accuracy",)
# Which answers count, not which way is better: `top1` alone is an accuracy, `top1_error` is none.
_COUNTED = frozenset({"top1", "top5"})


@lru_cache(maxsize=1 << 17)
def tokens(name: str) -> tuple[str, ...]:
    """The lower-case words of a name: `val/Loss`, `valLoss` and `Val loss` are the same."""
    spaced = re.sub(r"(?<=[a-z][a-z])(?=[A-Z][a-z])", " ", name)
    return tuple(re.findall(r"[^\W_]+", spaced.lower()))


def is_gradient_norm(name: str) -> bool:
    """Whether a metric is the norm of the gradient: `grad_norm`, `train/gradient_norm`."""
    words = tokens(name)
    return any(pair in _GRADIENT_NORM for pair in pairwise(words))


def is_measure(name: str) -> bool:
    """Whether a name says that it is a measure of quality: a loss, an accuracy, a score."""
    return any(_is_measure(token) for token in tokens(name))


def _is_measure(token: str) -> bool:
    known = token in MINIMIZED or token in MAXIMIZED or token in UNDIRECTED
    return known or token.endswith(_COMPOUND)


def direction_of(name: str) -> Direction | None:
    """Which values of the metric `name` are better, where its name leaves no doubt.

    Losses, errors and perplexities go down; accuracies, F1 and areas under a curve go up. A name
    that says both (`accuracy_loss`), neither (`score`) or a turned sign (`neg_error`) gives None.
    """
    words = tokens(name)
    down = any(word in MINIMIZED or word.endswith(_DOWN) for word in words)
    counted = _COUNTED if down else frozenset()
    up = any(word in MAXIMIZED - counted or word.endswith(_UP) for word in words)
    if down == up or _TURNS.intersection(words):
        return None
    return Direction.MINIMIZE if down else Direction.MAXIMIZE
