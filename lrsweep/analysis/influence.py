"""Parameters that made no difference at all: perhaps they never reach the script."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from lrsweep.analysis.settings import cost_of, is_finite, is_seed
from lrsweep.trial import Direction, ParamValue, TrialRow

# Fewer equal results may be chance, for an objective that takes few values.
_FEWEST = 3


def without_effect(
    trials: Sequence[TrialRow], parameters: Iterable[str], direction: Direction
) -> tuple[str, ...]:
    """Those of the searched `parameters` under which every comparable trial ended exactly equal.

    Trials are comparable where nothing else differs. Where all trials of a study are equal, none of
    its parameters had an effect.
    """
    done = [t for t in trials if is_finite(t)]
    names = tuple(parameters)
    if len(done) < _FEWEST or any(t.outcome is not None and t not in done for t in trials):
        return ()
    if len({cost_of(t, direction) for t in done}) == 1:
        return tuple(n for n in names if len({t.params.get(n) for t in done}) > 1)
    return tuple(name for name in names if _never_counts(done, name, direction))


def _never_counts(done: Sequence[TrialRow], name: str, direction: Direction) -> bool:
    alike: defaultdict[frozenset[tuple[str, ParamValue]], list[TrialRow]] = defaultdict(list)
    for trial in done:
        rest = frozenset((n, v) for n, v in trial.params.items() if n != name)
        alike[rest].append(trial)
    compared = [group for group in alike.values() if len({t.params.get(name) for t in group}) > 1]
    if sum(map(len, compared)) < _FEWEST:
        return False
    return not is_seed(name) and all(
        len({cost_of(t, direction) for t in group}) == 1 for group in compared
    )
