"""Is the bracket right? Five trials across it, trained in full."""

from __future__ import annotations

import math

from lrsweep.analysis.found import Found, Verified
from lrsweep.plan import RunOptions, SweepPlan, build_plan
from lrsweep.protocol import OBSERVED
from lrsweep.range_test.target import rate_name, source_of, trains_with_lrsweep
from lrsweep.space.values import write_value
from lrsweep.trial import StudyRows

TRIALS = 5
# For scripts whose objective nobody has named: what `lrsweep.train.fit` reports, or what is seen.
_METRIC, _SEEN = "val_loss", f"{OBSERVED}train_loss"


def verify_plan(options: RunOptions, study: str, found: Found) -> SweepPlan:
    """The plan that trains at five rates, evenly across the bracket of `found` on a log scale."""
    assert found.test.bracket is not None
    rate, (low, high) = rate_name(options), found.test.bracket
    rates = [low * math.pow(high / low, i / (TRIALS - 1)) for i in range(TRIALS)]
    file = source_of(options).file
    known = options.metric or (file.metric if file else None)
    return build_plan(
        options.replaced(
            space=(f"{rate}={','.join(f'{r:.4g}' for r in rates)}",),
            fixed=tuple(f"{n}={write_value(v, n)}" for n, v in found.params.items() if n != rate),
            sampler="grid",
            pruner="none",
            metric=known or (_METRIC if trains_with_lrsweep(options) else _SEEN),
            study=f"{study}-verify-{found.trial}",
        )
    )


def verified(rows: StudyRows, found: Found, rate: str) -> Verified | None:
    """What the five trials in `rows` say; None where none of them completed."""
    best = rows.best
    if best is None or best.value is None:
        return None
    rates = sorted(float(str(trial.params[rate])) for trial in rows.trials)
    at = float(str(best.params[rate]))
    suggested = found.test.suggestions["middle"]
    return Verified(rows.name, rows.metric, suggested, at, best.value, at in (rates[0], rates[-1]))
