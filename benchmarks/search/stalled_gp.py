"""python -m benchmarks.search.stalled_gp: where a GP goes that does not see pruned trials.

Optuna's GP reads completed trials alone. What is pruned stays unknown to it, so that it proposes
the same rate again, and again it is pruned. Ours sees every trial.
"""

from __future__ import annotations

import math
import os
import warnings
from itertools import pairwise

from benchmarks.search.contestants import CONTESTANTS
from benchmarks.search.replay import Sweep
from benchmarks.search.suite import suite
from benchmarks.search.task import number
from lrsweep.trial import Outcome

_TASK = "synthetic rate 0"
_TRIALS, _SHOWN = 40, 20


def main() -> None:
    task = suite(None)[_TASK]
    print(f"{task.name}: rates proposed after the first {_TRIALS - _SHOWN} trials")
    for name in ("optuna gp, former median", "gp, median"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rates, wasted = _rates(name)
        same = sum(abs(math.log(b / a)) < 0.02 for a, b in pairwise(rates))
        print(f"\n{name}: {same} of {_SHOWN} as the one before, {wasted} pruned")
        print("  " + " ".join(f"{rate:.1g}" for rate in rates))


def _rates(name: str) -> tuple[list[float], int]:
    sweep = Sweep(suite(None)[_TASK], CONTESTANTS[name], seed=0)
    rates, pruned = [], 0
    for trial_index in range(_TRIALS):
        trial = sweep.start()
        outcome = None
        for index in range(len(trial.values)):
            if (outcome := sweep.report(trial, index)) is not None:
                sweep.end(trial, outcome, 0.0, trial.values[index])
                break
        if trial_index >= _TRIALS - _SHOWN:
            rates.append(number(trial.point, "lr"))
            pruned += outcome is Outcome.PRUNED
    return rates, pruned


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
