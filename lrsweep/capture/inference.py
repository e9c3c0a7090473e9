"""What a metric's name tells for certain; None where it does not."""

from __future__ import annotations

from lrsweep.capture.vocabulary import MAXIMIZED, MINIMIZED, tokens
from lrsweep.trial import Direction

# `neg_mean_squared_error` is higher when better: a turned sign makes a name uncertain.
_TURNS = frozenset({"neg", "negative", "minus", "inverse", "no"})
_DOWN = ("loss", "error", "perplexity")
_UP = ("accuracy",)
# Which answers count, not which way is better: `top1` alone is an accuracy, `top1_error` is none.
_COUNTED = frozenset({"top1", "top5"})


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
