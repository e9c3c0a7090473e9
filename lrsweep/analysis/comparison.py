"""Which of several repeated settings may be the best: multiple comparisons with the best.

A setting leaves the tie set where it is worse than another by more than chance allows, so that
the truly best one stays in it with at least the confidence asked for (Hsu, Annals of Statistics
1984). Spreads need not be equal: each pair is compared with Welch's degrees of freedom. Where
all settings ran the same seeds, differences are taken seed by seed, which removes what a seed does
to every setting alike.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, variance

from lrsweep.analysis.quantiles import student_t
from lrsweep.analysis.settings import Setting, is_finite, run_seed
from lrsweep.trial import ParamValue

CONFIDENCE = 0.95
_FEWEST_SEEDS = 2


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Settings that ran the same `seeds`, best mean first, and how many of them may be the best.

    `costs[i]` are those of `settings[i]` by seed. `tied` counts the best and those that cannot be
    told from it.
    """

    settings: tuple[Setting, ...]
    costs: tuple[tuple[float, ...], ...]
    seeds: int
    tied: int

    @property
    def means(self) -> tuple[float, ...]:
        return tuple(map(fmean, self.costs))


def confirmed(settings: Sequence[Setting]) -> Confirmed | None:
    """What the runs of shared seeds say; None unless two settings share two seeds or more.

    Runs with other seeds are left out: a setting was chosen for them, so they flatter it.
    """
    by_seed = {i: _by_seed(one) for i, one in enumerate(settings)}
    block = _block(by_seed)
    if block is None:
        return None
    seeds, members = block
    costs = {i: tuple(by_seed[i][seed] for seed in seeds) for i in members}
    ordered = sorted(members, key=lambda i: fmean(costs[i]))
    kept = may_be_best([costs[i] for i in ordered], paired=True)
    tied = [i for i, may in zip(ordered, kept, strict=True) if may]
    rest = [i for i in ordered if i not in tied]
    final = (*tied, *rest)
    return Confirmed(
        tuple(settings[i] for i in final), tuple(costs[i] for i in final), len(seeds), len(tied)
    )


def may_be_best(
    costs: Sequence[Sequence[float]], *, paired: bool = False, confidence: float = CONFIDENCE
) -> list[bool]:
    """Of settings with two costs or more each, which may have the lowest mean.

    `paired` says that `costs[i][s]` all belong to seed `s`; pairs are used where that is sharper.
    """
    quantile = confidence ** (1 / max(1, len(costs) - 1))
    return [
        not any(_is_worse(one, other, quantile, paired) for other in costs if other is not one)
        for one in costs
    ]


def _is_worse(one: Sequence[float], other: Sequence[float], quantile: float, paired: bool) -> bool:
    gap = fmean(one) - fmean(other)
    if gap <= 0:
        return False
    if paired and _alike(one, other):
        differences = [a - b for a, b in zip(one, other, strict=True)]
        error = math.sqrt(variance(differences) / len(differences))
        return gap > student_t(quantile, len(differences) - 1) * error
    parts = [variance(costs) / len(costs) for costs in (one, other)]
    if not sum(parts):
        return True
    degrees = sum(parts) ** 2 / math.fsum(
        part**2 / (len(costs) - 1) for part, costs in zip(parts, (one, other), strict=True)
    )
    return gap > student_t(quantile, degrees) * math.sqrt(sum(parts))


def _alike(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether a seed moves both settings alike: a correlation that makes up for fewer degrees."""
    if len(one) < 4:
        return False
    a, b = fmean(one), fmean(other)
    joint = math.fsum((x - a) * (y - b) for x, y in zip(one, other, strict=True))
    spread = math.sqrt(variance(one) * variance(other)) * (len(one) - 1)
    return spread > 0 and joint / spread > 0.5


def _by_seed(setting: Setting) -> Mapping[ParamValue, float]:
    return {
        run_seed(run): cost
        for run, cost in zip(setting.runs, setting.costs, strict=True)
        if is_finite(run) or cost < math.inf
    }


def _block(
    by_seed: Mapping[int, Mapping[ParamValue, float]],
) -> tuple[list[ParamValue], list[int]] | None:
    """The seeds that the most settings share, and those settings."""
    counts: dict[ParamValue, int] = {}
    for held in by_seed.values():
        for seed in held:
            counts[seed] = counts.get(seed, 0) + 1
    shared = [seed for seed, count in counts.items() if count > 1]
    if len(shared) < _FEWEST_SEEDS:
        return None
    held_by = {i: [seed for seed in shared if seed in held] for i, held in by_seed.items()}
    most = max(len(seeds) for seeds in held_by.values())
    members = [i for i, seeds in held_by.items() if len(seeds) == most]
    seeds = [s for s in held_by[members[0]] if all(s in by_seed[i] for i in members)]
    return (seeds, members) if len(members) > 1 and len(seeds) >= _FEWEST_SEEDS else None
