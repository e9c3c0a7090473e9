"""Reports of a training process that writes faster than anyone can read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from lrsweep.trial import Report


def thinned(reports: Iterable[Report], most: int) -> list[Report]:
    """At most about `most` of each kind of report, evenly spread, oldest first, the newest kept.

    Reports are of one kind when they carry the same metrics. What is left out stays in the file.
    Those that replace what was said before are all kept.
    """
    kinds: dict[tuple[str, ...], _Thinned] = {}
    voids: list[tuple[int, Report]] = []
    for index, report in enumerate(reports):
        if report.replaces:
            voids.append((index, report))
            continue
        kind = tuple(report.metrics)
        if kind not in kinds:
            kinds[kind] = _Thinned(most)
        kinds[kind].add(index, report)
    kept = [*voids, *(item for kind in kinds.values() for item in kind.items())]
    return [report for _, report in sorted(kept, key=lambda item: item[0])]


def standing(reports: Sequence[Report]) -> list[Report]:
    """What holds of `reports` when all have come: without what later ones replace."""
    kept: list[Report] = []
    void: set[str] = set()
    for report in reversed(reports):
        metrics = {name: value for name, value in report.metrics.items() if name not in void}
        if metrics:
            kept.append(replace(report, metrics=metrics, replaces=frozenset()))
        void |= report.replaces
    return kept[::-1]


class _Thinned:
    """Every `stride`-th report of one kind; the stride doubles when there are too many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._stride = 1
        self._seen = 0
        self._kept: list[tuple[int, Report]] = []
        self._newest: tuple[int, Report] | None = None

    def add(self, index: int, report: Report) -> None:
        self._newest = (index, report)
        if self._seen % self._stride == 0:
            if len(self._kept) == self._most:
                self._kept = self._kept[::2]
                self._stride *= 2
            self._kept.append(self._newest)
        self._seen += 1

    def items(self) -> list[tuple[int, Report]]:
        assert self._newest is not None
        return self._kept if self._kept[-1] is self._newest else [*self._kept, self._newest]
