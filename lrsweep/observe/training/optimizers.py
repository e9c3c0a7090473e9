"""What an optimizer is, and the rates of its groups."""

from __future__ import annotations

import weakref
from typing import Any

from .thinning import Thinning

# Groups beyond these are like those before: layer-wise rates of a very deep model.
_MOST_GROUPS = 64
_PLAIN = (bool, int, float, str)


class Watched:
    """One optimizer: its name, the rates that it ran with, and what its next point will say."""

    def __init__(self, optimizer: Any, name: str, prefix: str) -> None:
        self.reference = weakref.ref(optimizer)
        self.name = name
        self.prefix = prefix
        self.kind = type(optimizer).__name__
        self.module = type(optimizer).__module__
        self.settings = settings_of(optimizer)
        self.parameters = sum(p.numel() for g in optimizer.param_groups for p in g["params"])
        self.thinning = Thinning()
        self.steps = 0
        self.total: Any = None
        self.count = 0
        self.norms: dict[str, Any] = {}
        self.first: list[float | None] = []
        self.peak: list[float | None] = []
        self.last: list[float | None] = []
        self.planned: list[float] = []

    def see_rates(self, optimizer: Any) -> None:
        """Note the rates of the step to come; one that lies on another device is left there."""
        last = []
        for group in optimizer.param_groups[:_MOST_GROUPS]:
            rate = group.get("lr")
            if type(rate) is not float:
                rate = _as_float(rate)
            last.append(rate)
        if last == self.last:
            return
        self.last = last
        if len(self.first) < len(last):
            self.first += last[len(self.first) :]
            self.peak += last[len(self.peak) :]
        for index, rate in enumerate(last):
            peak = self.peak[index]
            if rate is not None and (peak is None or rate > peak):
                self.peak[index] = rate

    def see_plans(self, optimizer: Any) -> None:
        """Note the rates that a schedule of torch's leaves in the groups: its base, its peak."""
        found = {
            rate
            for group in optimizer.param_groups[:_MOST_GROUPS]
            for name in ("initial_lr", "max_lr", "lr")
            for rate in (_as_float(group.get(name)),)
            if rate is not None
        }
        default = _as_float(getattr(optimizer, "defaults", {}).get("lr"))
        self.planned = sorted(found | ({default} if default is not None else set()))

    def add(self, loss: Any) -> None:
        """A step ended, with this loss."""
        if loss is not None:
            self.total = loss if self.total is None else self.total + loss
            self.count += 1

    def values(self) -> dict[str, Any]:
        """What the point of this step says, by name; numbers may still lie on their device."""
        values: dict[str, Any] = {}
        if self.count:
            values["train_loss"] = self.total if self.count == 1 else self.total * (1 / self.count)
        rates = [rate for rate in self.last if rate is not None]
        if rates:
            values["lr"] = max(rates)
            if min(rates) != values["lr"]:
                values["lr_min"] = min(rates)
        values.update(self.norms)
        self.total, self.count, self.norms = None, 0, {}
        return values

    def facts(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "class": self.kind,
            "module": self.module,
            "settings": self.settings,
            "parameters": self.parameters,
            "steps": self.steps,
            "first": self.first,
            "peak": self.peak,
            "last": self.last,
            "planned": self.planned[:_MOST_GROUPS],
        }


def settings_of(optimizer: Any) -> dict[str, Any]:
    """The plain settings of the first group, the rate and its plans left out."""
    groups = optimizer.param_groups
    found: dict[str, Any] = {}
    for name, value in (groups[0] if groups else {}).items():
        if name in ("params", "param_names", "lr", "initial_lr", "max_lr", "min_lr"):
            continue
        if isinstance(value, _PLAIN):
            found[str(name)] = value
        elif isinstance(value, (tuple, list)) and all(isinstance(v, _PLAIN) for v in value):
            found[str(name)] = list(value)[:8]
    return found


def _as_float(rate: Any) -> float | None:
    if isinstance(rate, (int, float)):
        return float(rate)
    # A rate may be a tensor; reading one of another device would wait for that.
    if getattr(rate, "is_cpu", False) and rate.numel() == 1:
        return float(rate)
    return None
