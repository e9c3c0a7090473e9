"""Every setting several times, each time with another seed."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Hashable, Iterable

from lrsweep.search.finite import point_key
from lrsweep.search.proposer import Answer, Proposal, Proposer
from lrsweep.trial import Ending, Params, Slot


class Repeats:
    """Proposes each point of `inner` `times` times in a row.

    `visited` are the points that the study has already: those that had too few runs when a former
    sweep ended get the rest first.
    """

    def __init__(self, inner: Proposer, times: int, visited: Iterable[Params]) -> None:
        self._inner = inner
        self._times = times
        points = list(visited)
        runs: Counter[Hashable] = Counter(point_key(p) for p in points)
        by_key = {point_key(p): p for p in points}
        self._due: deque[Params] = deque(
            by_key[key] for key, count in runs.items() for _ in range(times - count)
        )

    def propose(self, slot: Slot) -> Answer:
        """The next repeat that is due, or the next point."""
        if self._due:
            return Proposal(self._due.popleft(), "a repeat")
        answer = self._inner.propose(slot)
        if isinstance(answer, Proposal):
            self._due.extend([answer.params] * (self._times - 1))
        return answer

    def told(self, ending: Ending) -> None:
        """`inner` is told."""
        self._inner.told(ending)
