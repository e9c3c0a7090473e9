"""Reporting from any loop: a dictionary of whatever a framework keeps, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping

from lrsweep.client import current_trial


def report(
    step: int,
    metrics: Mapping[str, object],
    *,
    total: int | None = None,
    examples: int | None = None,
) -> None:
    """Report the numbers in `metrics` at `step` to the sweep; what is no single number is left out.

    Tensors and arrays of one element count as numbers. `total` is the step at which training ends,
    `examples` the number of training examples seen so far: give either, and trials of different
    batch sizes are compared fairly. Raises `lrsweep.TrialStopped` when the sweep has decided to
    stop this trial.
    """
    values = numbers_in(metrics)
    if not values:
        return
    fraction = min(1.0, step / total) if total is not None and total > 0 else None
    current_trial().report(step, values, examples=examples, fraction=fraction)


def numbers_in(metrics: Mapping[str, object]) -> dict[str, float]:
    """The entries of `metrics` that are one number each."""
    return {
        str(name): value
        for name, entry in metrics.items()
        if (value := _as_number(entry)) is not None
    }


def _as_number(entry: object) -> float | None:
    if isinstance(entry, str | bool) or not hasattr(entry, "__float__"):
        return None
    try:
        return float(entry)
    except (TypeError, ValueError, RuntimeError):  # what arrays of several elements raise
        return None
