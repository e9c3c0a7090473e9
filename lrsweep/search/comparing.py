"""A fair comparison of a few values: as many trials for each, others tuned for each by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from lrsweep.search.proposer import Done, Proposal
from lrsweep.search.sampled import Sampled
from lrsweep.trial import Ending, Params, ParamValue, Slot


class Comparing:
    """Gives each of `values` of the parameter `name` the same number of trials.

    What is compared is scientific and all else is nuisance, tuned for each value (Godbole et al.
    2023, Deep Learning Tuning Playbook). The value with the fewest trials is next; `visited` are
    the points that the study has already.
    """

    def __init__(
        self, name: str, values: Sequence[ParamValue], rest: Sampled, visited: Iterable[Params]
    ) -> None:
        self._name = name
        self._values = tuple(values)
        self._rest = rest
        self._begun = Counter(point[name] for point in visited if name in point)

    def propose(self, slot: Slot) -> Proposal | Done:
        """A point with the value that has had the fewest trials."""
        for value in sorted(self._values, key=lambda v: self._begun[v]):
            answer = self._rest.complete({self._name: value}, slot)
            if isinstance(answer, Proposal):
                self._begun[value] += 1
                return answer
        return Done("every value has been compared as far as the space goes")

    def told(self, ending: Ending) -> None:
        """A trial that says nothing of its parameters is made up for."""
        if ending.outcome.failed and self._name in ending.params:
            self._begun[ending.params[self._name]] -= 1
