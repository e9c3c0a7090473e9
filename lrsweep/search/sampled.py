"""An Optuna sampler as a proposer, and points that somebody wants tried before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from optuna.samplers import BaseSampler

from lrsweep.search.ceiling import BatchSizeCeiling
from lrsweep.search.proposer import Answer, Done, Proposal
from lrsweep.search.samplers import SpaceSampler
from lrsweep.trial import Attempt, Ending, Params, ParamValue, Slot


class Asked(Protocol):
    """The study, as far as sampling needs it; `lrsweep.store.study.StudyStore` is one."""

    def ask(self, sampler: BaseSampler, fixed: Params = ...) -> Attempt:
        """A new trial with the values `fixed`, and what `sampler` chooses for the others."""

    def visited(self) -> list[dict[str, ParamValue]]:
        """The parameters of every trial that did not fail, running and waiting ones included."""

    def ask_queued(self, sampler: BaseSampler) -> Attempt | None:
        """The next trial that another tool enqueued; None where there is none."""


class Sampled:
    """Proposes what a sampler chooses, after whatever other tools have enqueued in the study."""

    def __init__(
        self, name: str, sampler: SpaceSampler, study: Asked, ceiling: BatchSizeCeiling
    ) -> None:
        self._name = name
        self._sampler = sampler
        self._study = study
        self._ceiling = ceiling

    def propose(self, slot: Slot) -> Proposal | Done:
        """A new trial, with batch sizes that fit on the slot's kind of device."""
        return self.complete({}, slot)

    def complete(self, fixed: Params, slot: Slot) -> Proposal | Done:
        """A new trial with the values `fixed`, the sampler's for the others."""
        if self._ceiling.rules_out_all(slot.kind):
            return Done(f"every batch size ran out of memory on {slot.kind}")
        self._sampler.device = slot.kind
        if not fixed and (queued := self._study.ask_queued(self._sampler)) is not None:
            return Proposal(queued.params, "the queue", queued.key.trial)
        if not fixed and self._sampler.exhausted(self._study.visited):
            return Done("every point of the space has been tried")
        asked = self._study.ask(self._sampler, fixed)
        return Proposal(asked.params, self._name, asked.key.trial)

    def told(self, ending: Ending) -> None:
        """The sampler reads the study."""


class FirstPoints:
    """Proposes `points` (by plain names), and what they leave out as `rest` chooses it.

    A point that is among `visited`, as far as it says, is not tried again, so that a sweep that
    is resumed repeats nothing.
    """

    def __init__(
        self,
        points: Iterable[Params],
        visited: Iterable[Mapping[str, ParamValue]],
        rest: Sampled,
    ) -> None:
        tried = list(visited)
        self._points = [p for p in points if not any(p.items() <= t.items() for t in tried)]
        self._rest = rest

    def propose(self, slot: Slot) -> Answer:
        """The next of the points."""
        if not self._points:
            return Done("the first points have been tried")
        answer = self._rest.complete(self._points[0], slot)
        if isinstance(answer, Done):
            return answer
        self._points.pop(0)
        return Proposal(answer.params, "the first points", answer.number)

    def told(self, ending: Ending) -> None:
        """The points stand."""
