"""Rules that look at one trial alone: patience, and a threshold."""

from __future__ import annotations

from lrsweep.search.curves import Curve, Curves
from lrsweep.search.pruners.quantiles import in_warmup
from lrsweep.search.pruners.rule import Rule
from lrsweep.trial import Verdict


class Patient:
    """Stops a trial that has not improved by more than `min_delta` within `patience` reports.

    With `then`, only where that rule would stop it too.
    """

    def __init__(self, *, patience: int = 5, min_delta: float = 0.0, then: Rule | None) -> None:
        self._patience = patience
        self._min_delta = min_delta
        self._then = then

    def judge(self, curves: Curves, curve: Curve) -> Verdict | None:
        """A verdict where nothing improved for too long."""
        wrapped = None if self._then is None else self._then.judge(curves, curve)
        if len(curve.losses) <= self._patience:
            return None
        before = curve.best[-self._patience - 1]
        newest = min(curve.losses[-self._patience :])
        if newest < before - self._min_delta:
            return None
        if self._then is not None:
            return wrapped
        shown = curves.value
        return Verdict(
            "patient",
            f"no improvement within {self._patience} reports: best {shown(before):.6g}, "
            f"since then {shown(newest):.6g}",
            {"best": shown(before), "since": shown(newest), "patience": self._patience},
        )


class Threshold:
    """Stops a trial whose newest value lies outside `lower` … `upper`."""

    def __init__(
        self, lower: float | None = None, upper: float | None = None, *, warmup: float = 0.0
    ) -> None:
        self._lower = lower
        self._upper = upper
        self._warmup = warmup

    def judge(self, curves: Curves, curve: Curve) -> Verdict | None:
        """A verdict where the newest value lies outside."""
        if in_warmup(curves, curve, self._warmup):
            return None
        value = curves.value(curve.losses[-1])
        for bound, outside, word in (
            (self._lower, self._lower is not None and value < self._lower, "below"),
            (self._upper, self._upper is not None and value > self._upper, "above"),
        ):
            if bound is not None and outside:
                return Verdict(
                    "threshold",
                    f"{value:.6g} lies {word} the threshold {bound:g}",
                    {"value": value, "threshold": bound},
                )
        return None
