"""Which parameters tell the good trials from all: PED-ANOVA, as Optuna computes it.

Watanabe et al., "PED-ANOVA: Efficiently Quantifying Hyperparameter Importance in Arbitrary
Subspaces", IJCAI 2023.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import optuna
from optuna.importance import PedAnovaImportanceEvaluator
from optuna.trial import create_trial

from lrsweep.space import Fixed, Space
from lrsweep.store.distributions import distribution
from lrsweep.trial import Outcome, StudyRows

# With fewer, the best tenth is a handful.
FEWEST_TRIALS = 20


@contextmanager
def _silent() -> Iterator[None]:
    """Without what Optuna logs of a study that nobody sees."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)


def importance(rows: StudyRows) -> dict[str, float]:
    """The share of each searched parameter, the largest first; they sum to one.

    Only parameters that every trial has count. Empty where `rows` has fewer than `FEWEST_TRIALS`
    completed trials or searched fewer than two parameters.
    """
    searched = {
        p.name: distribution(p)
        for p in Space.parse(rows.space).parameters
        if p.when is None and not isinstance(p, Fixed)
    }
    done = [
        t
        for t in rows.trials
        if t.outcome is Outcome.COMPLETED and t.value is not None and math.isfinite(t.value)
    ]
    if len(done) < FEWEST_TRIALS or len(searched) < 2:
        return {}
    with _silent():
        study = optuna.create_study(direction=rows.direction.value)
    for trial in done:
        params = {name: trial.params[name] for name in searched if name in trial.params}
        # A trial of another space, from before it was changed, does not fit.
        with suppress(ValueError):
            study.add_trial(create_trial(params=params, distributions=searched, value=trial.value))
    if len(study.trials) < FEWEST_TRIALS:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = PedAnovaImportanceEvaluator().evaluate(study)
    total = math.fsum(found.values())
    if not total > 0:
        return {}
    ordered = sorted(found.items(), key=lambda item: -item[1])
    return {name: share / total for name, share in ordered}
