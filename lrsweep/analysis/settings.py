"""Settings: trials that differ in their seed alone, judged together by their mean.

The best of many single runs is mostly the luckiest. Where runs were repeated, a setting counts by
the value that its mean is surer than nineteen in twenty to reach, so that a noisy setting does not
win by one good run.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median, variance

from lrsweep.analysis.quantiles import student_t
from lrsweep.trial import Direction, Outcome, Params, ParamValue, TrialRow

_ONE_SIDED = 0.95
# Below this many degrees of freedom a spread over all settings is too loose to call a tie by.
_FEWEST_DEGREES = 3

Key = frozenset[tuple[str, ParamValue]]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its parameters without seeds, and the trials that ran it to an end.

    `costs` are their objectives with the sign that makes lower better, in the order of `runs`; a
    run that diverged costs as much as the worst run that did not, or infinity where none is left.
    """

    params: Params
    runs: tuple[TrialRow, ...]
    costs: tuple[float, ...]

    @property
    def cost(self) -> float:
        return fmean(self.costs)

    @property
    def sd(self) -> float | None:
        """The standard deviation of a single run; None where there is only one."""
        return math.sqrt(variance(self.costs)) if len(self.costs) > 1 else None

    @property
    def shown(self) -> TrialRow:
        """The completed run nearest to the mean: what this setting usually gives."""
        completed = [
            (abs(cost - self.cost), run)
            for cost, run in zip(self.costs, self.runs, strict=True)
            if run.outcome is Outcome.COMPLETED
        ]
        return min(completed, key=lambda pair: (pair[0], pair[1].number))[1]


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


def is_seed(name: str) -> bool:
    """Whether a parameter of this name only seeds the random numbers."""
    tail = name.rsplit(".", 1)[-1].replace("-", "_")
    return tail == "seed" or tail.endswith("_seed")


def run_seed(trial: TrialRow) -> ParamValue:
    """What made the random numbers of a run: its seed parameter, or the seed it was handed."""
    return next((v for name, v in trial.params.items() if is_seed(name)), trial.seed)


def setting_key(trial: TrialRow) -> Key:
    """What two trials share when only chance tells them apart."""
    return frozenset((name, value) for name, value in trial.params.items() if not is_seed(name))


def is_finite(trial: TrialRow) -> bool:
    """Whether a trial completed with a finite objective."""
    done = trial.outcome is Outcome.COMPLETED
    return done and trial.value is not None and math.isfinite(trial.value)


def cost_of(trial: TrialRow, direction: Direction) -> float:
    """The objective with the sign that makes lower better; infinite where there is none."""
    return direction.sort_key(trial.value)


def settings_of(trials: Iterable[TrialRow], direction: Direction) -> tuple[Setting, ...]:
    """Every setting with at least one completed run, in order of its first trial."""
    grouped: defaultdict[Key, list[TrialRow]] = defaultdict(list)
    ended = [t for t in trials if is_finite(t) or t.outcome is Outcome.DIVERGED]
    for trial in ended:
        grouped[setting_key(trial)].append(trial)
    worst = max((cost_of(t, direction) for t in ended if is_finite(t)), default=math.inf)
    return tuple(
        Setting(
            {name: value for name, value in runs[0].params.items() if not is_seed(name)},
            tuple(runs),
            tuple(min(cost_of(run, direction), worst) for run in runs),
        )
        for runs in grouped.values()
        if any(map(is_finite, runs))
    )


def assured_costs(settings: Sequence[Setting]) -> list[float]:
    """For each setting the cost that its mean is 95 % sure to stay below (Student's t).

    A setting that ran once is given the spread of those that were repeated; where none was, costs
    are taken as they are.
    """
    degrees = sum(len(s.costs) - 1 for s in settings)
    if not degrees:
        return [s.cost for s in settings]
    squares = math.fsum((len(s.costs) - 1) * s.sd**2 for s in settings if s.sd is not None)
    pooled = math.sqrt(squares / degrees)

    def assured(one: Setting) -> float:
        own = one.sd is not None
        sd = one.sd if one.sd is not None else pooled
        quantile = student_t(_ONE_SIDED, len(one.costs) - 1 if own else degrees)
        return one.cost + quantile * sd / math.sqrt(len(one.costs))

    return [assured(one) for one in settings]


def estimate_noise(settings: Sequence[Setting]) -> Noise | None:
    """The noise among `settings`; None where too few of them were repeated.

    Only settings at least as good as the median run count, and none that diverged: where training
    barely works, results vary far more, and would make a tie of everything.
    """
    middle = median([cost for one in settings for cost in one.costs]) if settings else math.inf
    repeated = [
        one
        for one in settings
        if len(one.costs) > 1 and one.cost <= middle and all(map(is_finite, one.runs))
    ]
    runs, count = sum(len(one.costs) for one in repeated), len(repeated)
    if runs - count < _FEWEST_DEGREES:
        return None
    squares = math.fsum((len(one.costs) - 1) * variance(one.costs) for one in repeated)
    return Noise(sd=math.sqrt(squares / (runs - count)), runs=runs, settings=count)
