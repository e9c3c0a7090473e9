"""How much a result varies from run to run, learned from settings that ran more than once."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, median, variance

from lrsweep.trial import Direction, TrialRow

# Below this many degrees of freedom the estimate is too loose to call anything a tie.
_FEWEST_DEGREES = 3


@dataclass(frozen=True, slots=True)
class Noise:
    """The run-to-run standard deviation `sd` of the objective, pooled over `settings` settings."""

    sd: float
    runs: int
    settings: int

    @property
    def least_difference(self) -> float:
        """The difference between two single runs that chance alone exceeds once in twenty.

        Fisher's least significant difference: t(0.975, ν) · sd · √2, with ν = runs - settings.
        """
        return student_t(0.975, self.runs - self.settings) * self.sd * math.sqrt(2)


def repeats(trials: Sequence[TrialRow]) -> list[list[TrialRow]]:
    """The trials that ran the same parameters, seeds aside; settings that ran once are left out."""
    settings: defaultdict[Hashable, list[TrialRow]] = defaultdict(list)
    for trial in trials:
        settings[setting(trial)].append(trial)
    return [runs for runs in settings.values() if len(runs) > 1]


def setting(trial: TrialRow) -> Hashable:
    """What two trials share when only chance tells them apart."""
    return frozenset((name, value) for name, value in trial.params.items() if not is_seed(name))


def is_seed(name: str) -> bool:
    """Whether a parameter of this name only seeds the random numbers."""
    tail = name.rsplit(".", 1)[-1].replace("-", "_")
    return tail == "seed" or tail.endswith("_seed")


def estimate_noise(completed: Sequence[TrialRow], direction: Direction) -> Noise | None:
    """The noise among `completed` trials with finite values; None where too few repeat.

    Only settings at least as good as the median trial count: where training barely works, results
    vary far more, and would make a tie of everything.
    """
    values = {trial.number: _value(trial) for trial in completed}
    if not values:
        return None
    middle = median(values.values())
    groups = [
        [values[trial.number] for trial in runs]
        for runs in repeats(completed)
        if not direction.better(middle, fmean(values[trial.number] for trial in runs))
    ]
    runs, settings = sum(map(len, groups)), len(groups)
    if runs - settings < _FEWEST_DEGREES:
        return None
    squares = math.fsum((len(group) - 1) * variance(group) for group in groups)
    return Noise(sd=math.sqrt(squares / (runs - settings)), runs=runs, settings=settings)


def student_t(quantile: float, degrees: int) -> float:
    """Student's t quantile, within 1 % from three degrees of freedom on.

    The expansion of Abramowitz and Stegun, 26.7.5.
    """
    z = NormalDist().inv_cdf(quantile)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return z + math.fsum(term / degrees**power for power, term in enumerate(terms, start=1))


def _value(trial: TrialRow) -> float:
    assert trial.value is not None
    return trial.value
