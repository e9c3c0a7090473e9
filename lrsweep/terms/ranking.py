"""Which of several metrics a sweep is for: the same order for `probe`, `init` and questions."""

from __future__ import annotations

from collections.abc import Iterable

from lrsweep.terms.metrics import direction_of, is_measure, tokens
from lrsweep.trial import Direction

# What an objective is best measured on, best first; what names no split comes after test. The
# losses beside a reward are those of its parts.
_SPLITS = (
    frozenset({"val", "valid", "validation", "dev", "eval", "evaluation", "holdout", "cv"}),
    frozenset({"reward", "rewards", "rew", "return", "returns"}),
    frozenset({"test", "testing", "tst"}),
    frozenset[str](),
    frozenset({"train", "training", "trn", "tr"}),
)
_UNNAMED = 3
_SUMMARY = frozenset({"best", "min", "max", "lowest", "highest", "final"})
_OF_A_STEP = frozenset({"step", "batch", "iter", "iteration", "running", "smooth", "smoothed"})
_OF_AN_EPOCH = frozenset({"epoch", "avg", "average", "mean"})
# Parts of a loss, and losses that a training adds to the one that counts.
_PART = frozenset({"kl", "l1", "l2", "aux", "reg", "penalty", "recon", "commit", "entropy"})

Rank = tuple[int, ...]


def kind_rank(name: str) -> Rank:
    """Lower for metrics that are likelier the objective; equal where their names leave it open.

    Measures of quality on validation data, then rewards, then those on test data, then on no named
    split, then on training data; those of a step or a batch come last, and so does the best value
    so far.
    """
    words = tokens(name)
    splits = [i for i, names in enumerate(_SPLITS) if names.intersection(words)]
    return (
        not is_measure(name),
        min(splits, default=_UNNAMED),
        bool(_SUMMARY.intersection(words)),
        bool(_PART.intersection(words)),
        bool(_OF_A_STEP.intersection(words)),
    )


def objective_rank(name: str) -> Rank:
    """`kind_rank`, and of equal ones a loss first and a mean before a single value.

    What has no certain direction comes last.
    """
    direction = direction_of(name)
    mean = bool(_OF_AN_EPOCH.intersection(tokens(name)))
    return (*kind_rank(name), direction is None, direction is not Direction.MINIMIZE, not mean)


def likeliest(names: Iterable[str]) -> tuple[str, ...]:
    """The measures of quality among `names` that may be the objective, the likeliest first.

    One is the answer, several must be chosen from; none means that nothing looks like one.
    """
    measures = sorted(filter(is_measure, names), key=objective_rank)
    return tuple(name for name in measures if kind_rank(name) == kind_rank(measures[0]))
