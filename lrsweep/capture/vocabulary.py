"""The words that training scripts share: metrics, the splits they are measured on, positions."""

from __future__ import annotations

import re

from lrsweep.capture.rows import Axis

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

# Every way to write a split, and the word that it is compared as.
SPLITS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "dev": "dev",
    "test": "test",
    "testing": "test",
    "eval": "eval",
    "evaluation": "eval",
    "holdout": "holdout",
}
SYNONYMS = {
    **SPLITS,
    "acc": "accuracy",
    "ppl": "perplexity",
    "err": "error",
    "auroc": "auc",
    "lr": "learningrate",
}
# Words that say how a number was summed up, not what it is.
FILLERS = frozenset({"set", "results", "result", "average", "avg", "mean"})

# Position words, the surest first: a line may say `batch 10 | step 110`.
STEP_WORDS = (
    "global_step",
    "num_updates",
    "total_timesteps",
    "step",
    "iteration",
    "iter",
    "itr",
    "it",
    "update",
    "round",
    "episode",
    "minibatch",
    "batch",
)
EPOCH_WORDS = ("epoch", "ep")
EXAMPLE_WORDS = ("examples_seen", "samples_seen", "examples")
# What may stand before a position word without changing it: `trainer/global_step`, `train_step`.
_POSITION_PREFIXES = frozenset({"trainer", "train", "training", "current", "cur", "global", ""})
# What makes it something else: `best epoch: 7` is no position.
_NO_POSITION = frozenset({"best", "per", "max", "total", "last", "num", "every", "warmup"})

# Names that belong to the run, not to a split of the data.
RUN_WIDE = frozenset({"lr", "lrate", "learning_rate", "learning rate"})
# Numbers that nobody trains for.
IGNORED = frozenset(
    {
        *("time", "eta", "elapsed", "date", "seed", "pid", "port", "version", "rank"),
        *("world_size", "device", "gpu", "cuda", "line", "v_num", "runtime", "second", "sec"),
    }
)


_POSITIONS: dict[str, tuple[Axis, int]] = {
    word: (axis, rank)
    for axis, words in (
        (Axis.EPOCH, EPOCH_WORDS),
        (Axis.STEP, STEP_WORDS),
        (Axis.EXAMPLES, EXAMPLE_WORDS),
    )
    for rank, word in enumerate(words)
}


def tokens(name: str) -> tuple[str, ...]:
    """The lower-case words of a name: `val/Loss`, `valLoss` and `Val loss` are the same."""
    spaced = re.sub(r"(?<=[a-z][a-z])(?=[A-Z][a-z])", " ", name)
    return tuple(re.findall(r"[^\W_]+", spaced.lower()))


def position_word(word: str, before: str = "") -> tuple[Axis, int] | None:
    """The axis that a word counts on and its rank (0 is the surest); None for any other word."""
    if before.lower() in _NO_POSITION:
        return None
    bare = word.lower().rpartition("/")[2].strip("_")
    prefix, _, last = bare.rpartition("_")
    return _POSITIONS.get(bare) or (_POSITIONS.get(last) if prefix in _POSITION_PREFIXES else None)


def is_measure(name: str) -> bool:
    """Whether a name says that it is a measure of quality: a loss, an accuracy, a score."""
    return any(_is_measure(token) for token in tokens(name))


def _is_measure(token: str) -> bool:
    known = token in MINIMIZED or token in MAXIMIZED or token in UNDIRECTED
    return known or token.endswith(_COMPOUND)


def is_ignored(name: str) -> bool:
    """Whether a number is of no use as a curve: a time, a seed, a rank."""
    words = tokens(name)
    return not words or words[-1] in IGNORED or name.lower() in IGNORED
