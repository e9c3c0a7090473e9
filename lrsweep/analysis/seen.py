"""What the observer saw of a training, in the words and numbers that reports and checks need.

The facts come from a training process and are not trusted: what is not of the expected form is left
out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lrsweep.analysis.wording import number


@dataclass(frozen=True, slots=True)
class SeenOptimizer:
    """One optimizer: its name in the script, its class, its settings, and the rates of its groups.

    `rates` are all rates that somebody may have asked for: where each group began, its peak, and
    what a schedule of torch's was made with.
    """

    name: str
    kind: str
    settings: Mapping[str, Any]
    steps: int
    first: tuple[float, ...]
    peak: tuple[float, ...]
    last: tuple[float, ...]
    rates: tuple[float, ...]

    @property
    def signature(self) -> str:
        """Equal for optimizers that differ in nothing but their rates."""
        return f"{self.kind} {sorted((k, str(v)) for k, v in self.settings.items())}"

    @property
    def sentence(self) -> str:
        """`AdamW, lr up to 0.01, at the end 0.0001`."""
        words = [self.kind]
        momentum = self.settings.get("momentum")
        if isinstance(momentum, int | float) and momentum:
            words[0] += f" with momentum {number(momentum, 3)}"
        if self.peak:
            peak, last = max(self.peak), max(self.last, default=math.nan)
            if last == peak == max(self.first):
                words.append(f"lr {number(peak, 3)}")
            else:
                words.append(f"lr up to {number(peak, 3)}, at the end {number(last, 3)}")
        return ", ".join(words)


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of one trial. `batches` are sizes that somebody may call the batch size."""

    optimizers: tuple[SeenOptimizer, ...] = ()
    batches: tuple[int, ...] = ()
    batch: int | None = None
    world: int = 1
    backwards: int = 0
    off: tuple[str, ...] = ()
    problem: str = ""
    ramp: str = ""

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Seen:
        """What `facts`, as the observer wrote them, say."""
        batch = facts.get("batch")
        sizes = batch if isinstance(batch, Mapping) else {}
        per_step, parts = _whole(sizes.get("step")), _whole(sizes.get("micro_batches")) or 1
        loaded = [n for n in (_whole(sizes.get("loader")), _whole(sizes.get("seen"))) if n]
        known = {*loaded, *(n * parts for n in loaded), *([per_step] if per_step else [])}
        optimizers = facts.get("optimizers")
        return cls(
            optimizers=tuple(
                _optimizer(one)
                for one in (optimizers if isinstance(optimizers, Sequence) else ())
                if isinstance(one, Mapping)
            ),
            batches=tuple(sorted(known)),
            batch=per_step or (loaded[0] if loaded else None),
            world=_whole(facts.get("world")) or 1,
            backwards=_whole(facts.get("backwards")) or 0,
            off=_texts(facts.get("off")),
            problem=str(facts.get("problem") or ""),
            ramp=str(facts.get("ramp") or ""),
        )

    @property
    def sentence(self) -> str:
        """One line for people; empty where there is nothing to say."""
        if self.problem:
            return f"the observer switched itself off: {self.problem}"
        if not self.optimizers:
            return "no optimizer was seen" if self.backwards else ""
        several = len(self.optimizers) > 1
        told = [f"{o.name}: {o.sentence}" if several else o.sentence for o in self.optimizers]
        if self.batch is not None:
            told.append(f"batches of {self.batch}")
        steps = self.optimizers[0].steps
        told.append("1 step" if steps == 1 else f"{steps:,} steps")
        return ("; " if several else ", ").join(told)


def _optimizer(facts: Mapping[str, Any]) -> SeenOptimizer:
    settings = facts.get("settings")
    first, peak, last = (_rates(facts.get(name)) for name in ("first", "peak", "last"))
    return SeenOptimizer(
        name=str(facts.get("name") or "optimizer"),
        kind=str(facts.get("class") or "an optimizer"),
        settings=settings if isinstance(settings, Mapping) else {},
        steps=_whole(facts.get("steps")) or 0,
        first=first,
        peak=peak,
        last=last,
        rates=tuple(sorted({*first, *peak, *last, *_rates(facts.get("planned"))})),
    )


def _rates(value: object) -> tuple[float, ...]:
    items = value if isinstance(value, Sequence) and not isinstance(value, str) else ()
    return tuple(float(v) for v in items if isinstance(v, int | float) and math.isfinite(v))


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, Sequence) else ()
