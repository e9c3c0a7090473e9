"""The words that training scripts share: the splits metrics are measured on, and positions."""

from __future__ import annotations

from lrsweep.capture.rows import Axis
from lrsweep.terms.metrics import tokens

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
# What a program is told, and does not measure.
SETTINGS = frozenset(
    {
        *("lr", "learningrate", "learning_rate", "batch_size", "batchsize", "bs", "epochs", "seed"),
        *("momentum", "weight_decay", "wd", "optimizer", "optim", "opt", "device", "dropout"),
        *("num_workers", "workers", "model", "arch", "architecture", "backbone", "dataset", "data"),
        *("data_dir", "data_path", "root", "output_dir", "out_dir", "log_dir", "save_dir", "path"),
        *("hidden_size", "hidden_dim", "hidden", "embed_dim", "num_layers", "layers", "n_layers"),
        *("patience", "gamma", "beta1", "beta2", "betas", "eps", "epsilon", "alpha", "warmup"),
        *("warmup_steps", "warmup_epochs", "scheduler", "schedule", "log_interval", "log_every"),
        *("save_every", "eval_every", "max_steps", "max_epochs", "num_epochs", "n_epochs", "steps"),
        *(
            "label_smoothing",
            "smoothing",
            "clip",
            "grad_clip",
            "max_norm",
            "nesterov",
            "amp",
            "fp16",
        ),
        *(
            "precision_mode",
            "compile",
            "resume",
            "checkpoint",
            "num_classes",
            "input_size",
            "iters",
        ),
        *("accumulate", "gradient_accumulation_steps", "world_size", "rank", "name", "config"),
    }
)
FOLD_WORDS = frozenset({"fold", "kfold", "cv"})


_POSITIONS: dict[str, tuple[Axis, int]] = {
    word: (axis, rank)
    for axis, words in (
        (Axis.EPOCH, EPOCH_WORDS),
        (Axis.STEP, STEP_WORDS),
        (Axis.EXAMPLES, EXAMPLE_WORDS),
    )
    for rank, word in enumerate(words)
}


def position_word(word: str, before: str = "") -> tuple[Axis, int] | None:
    """The axis that a word counts on and its rank (0 is the surest); None for any other word."""
    if before.lower() in _NO_POSITION:
        return None
    bare = word.lower().rpartition("/")[2].strip("_")
    prefix, _, last = bare.rpartition("_")
    return _POSITIONS.get(bare) or (_POSITIONS.get(last) if prefix in _POSITION_PREFIXES else None)


def canonical_words(name: str) -> tuple[str, ...]:
    """The words of a name with their spellings made one: `Valid Loss` gives `val`, `loss`."""
    return tuple(SYNONYMS.get(word, word) for word in tokens(name))


def is_ignored(name: str) -> bool:
    """Whether a number is of no use as a curve: a time, a seed, a rank."""
    words = tokens(name)
    return not words or words[-1] in IGNORED or name.lower() in IGNORED
