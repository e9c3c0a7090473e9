"""What a sweep says at its end of the values that counted: better ones before, folds, metrics that
nobody reported.
"""

from __future__ import annotations

from collections.abc import Iterable

from lrsweep.capture.names import meant_by, nearest
from lrsweep.plan import SweepPlan
from lrsweep.trial import Ending, Outcome

_SHOWN = 6


class Remarks:
    """Collects from the trials of one run; `sentences` are for people, each said once."""

    def __init__(self, plan: SweepPlan) -> None:
        self._plan = plan
        self._names: set[str] = set()
        self._completed: list[Ending] = []

    def reported(self, names: Iterable[str]) -> None:
        """A trial reported metrics of these names."""
        self._names.update(names)

    def ended(self, ending: Ending) -> None:
        """A trial ended."""
        if ending.outcome is Outcome.COMPLETED:
            self._completed.append(ending)

    def sentences(self) -> list[str]:
        """What is worth saying now that the sweep is over."""
        return [*self._better_earlier(), *self._folds(), *self._missing()]

    def _better_earlier(self) -> list[str]:
        """The best value that some trial had before its end, where it beats all that counted."""
        direction, metric = self._plan.direction, self._plan.metric
        values = [one.value for one in self._completed if one.value is not None]
        earlier = [(*one.earlier, one.key.trial) for one in self._completed if one.earlier]
        if not values or not earlier:
            return []
        best = min(values, key=direction.sort_key)
        value, step, trial = min(earlier, key=lambda one: direction.sort_key(one[0]))
        if not direction.better(value, best):
            return []
        return [
            f"trial {trial} was better earlier: {metric} {value:.6g} at step {step}; of each trial"
            f" its {'last value' if self._plan.settings.objective == 'last' else 'tail'} counts"
            " (--objective best counts its best)"
        ]

    def _folds(self) -> list[str]:
        said = next((one for one in self._completed if one.reason), None)
        return (
            []
            if said is None
            else [f"{self._plan.metric} of trial {said.key.trial}: {said.reason}"]
        )

    def _missing(self) -> list[str]:
        """Metrics that were to be shown and that no trial reported."""
        if not self._completed:
            return []
        reported = ", ".join(nearest(self._plan.metric, self._names)[:_SHOWN])
        return [
            f"no trial reported {name}, which was to be shown (they reported {reported})"
            for name in self._plan.settings.show_metric
            if not meant_by(name, self._names)
        ]
