"""From which learning rate training diverges, as an interval."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lrsweep.analysis.groups import rate_of
from lrsweep.analysis.rates import RateAxis
from lrsweep.trial import Outcome, TrialRow


@dataclass(frozen=True, slots=True)
class DivergenceEdge:
    """Where the trials of one kind ("" where there is one alone) begin to diverge.

    `first` is the lowest rate that diverged, `held` the highest below it that trained, and from
    `all_from` up every trial diverged. None where no trial shows it.
    """

    kind: str
    first: float
    held: float | None
    all_from: float | None

    @property
    def sharp(self) -> bool:
        """Whether no trial trained at a rate where another diverged."""
        return self.all_from == self.first


@dataclass(frozen=True, slots=True)
class Divergence:
    """`diverged` of `trained` trials diverged; `edges` tell where, by kind, on the axis `name`."""

    diverged: int
    trained: int
    name: str
    edges: tuple[DivergenceEdge, ...]

    @property
    def lowest(self) -> float | None:
        """The lowest rate that diverged."""
        return min((edge.first for edge in self.edges), default=None)

    @property
    def all_from(self) -> float | None:
        """The rate from which up trials of every kind that diverged at all did."""
        return max((edge.all_from or math.inf for edge in self.edges), default=None)


def divergence(
    by_kind: Mapping[str, Sequence[TrialRow]],
    axes: Sequence[RateAxis],
    trials: Sequence[TrialRow],
) -> Divergence | None:
    """Where `trials` diverged; None where none did. `by_kind` holds those that have a rate."""
    diverged = sum(t.outcome is Outcome.DIVERGED for t in trials)
    if not diverged:
        return None
    edges = (_edge(kind, axes, group) for kind, group in by_kind.items())
    return Divergence(
        diverged=diverged,
        trained=sum(t.outcome is not None and t.outcome.informs for t in trials),
        name=axes[0].name if axes else "",
        edges=tuple(edge for edge in edges if edge is not None),
    )


def _edge(kind: str, axes: Sequence[RateAxis], trials: Sequence[TrialRow]) -> DivergenceEdge | None:
    exploded = _rates(axes, trials, Outcome.DIVERGED)
    if not exploded:
        return None
    trained = _rates(axes, trials, Outcome.COMPLETED, Outcome.PRUNED)
    highest, first = max(trained, default=float("-inf")), min(exploded)
    return DivergenceEdge(
        kind,
        first,
        held=max((rate for rate in trained if rate < first), default=None),
        all_from=min((rate for rate in exploded if rate > highest), default=None),
    )


def _rates(axes: Sequence[RateAxis], trials: Sequence[TrialRow], *outcomes: Outcome) -> list[float]:
    return [
        rate
        for trial in trials
        if trial.outcome in outcomes and (rate := rate_of(axes, trial.params)) is not None
    ]
