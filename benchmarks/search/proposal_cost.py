"""python -m benchmarks.search.proposal_cost: CPU time of a proposal by the number of trials."""

from __future__ import annotations

import argparse
import math
import os
import time
from statistics import median

import numpy as np
import optuna
from optuna.study import StudyDirection
from optuna.trial import TrialState, create_trial

from benchmarks.search.task import number, random_point
from lrsweep.search.curves import Curves
from lrsweep.search.samplers import make_sampler
from lrsweep.space import Space
from lrsweep.store.asking import ask
from lrsweep.store.distributions import distributions
from lrsweep.store.memory import StudyMemory
from lrsweep.trial import Direction, Outcome

_SPACE = ("lr=1e-5:1", "optimizer=sgd,adam", "batch_size=16:512:pow2", "momentum@sgd=0:0.99")
_ASKED = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samplers", nargs="*", default=["auto", "gp", "tpe"])
    parser.add_argument("--trials", nargs="*", type=int, default=[30, 100, 300, 1000, 5000])
    arguments = parser.parse_args()
    print("| ms a proposal | " + " | ".join(f"{n} trials" for n in arguments.trials) + " |")
    print("|---|" + "---|" * len(arguments.trials))
    for name in arguments.samplers:
        cells = [_cost(name, count) for count in arguments.trials]
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def _cost(name: str, count: int) -> str:
    space = Space.parse(_SPACE)
    labelled = distributions(space)
    curves, memory = Curves(Direction.MINIMIZE), StudyMemory("s", StudyDirection.MINIMIZE)
    rng = np.random.default_rng(0)
    for index in range(count):
        point = random_point(space, rng)
        loss = 0.1 + (math.log10(number(point, "lr")) + 2) ** 2 + 0.05 * rng.standard_normal()
        pruned = index % 2 == 1
        params = {p.label: point[p.name] for p in space.active(point)}
        for report in range(1, 6 if pruned else 11):
            curves.observe(index, point, report / 10, loss + 1 - report / 10)
        curves.finish(index, Outcome.PRUNED if pruned else Outcome.COMPLETED)
        trial = create_trial(
            state=TrialState.PRUNED if pruned else TrialState.COMPLETE,
            value=None if pruned else loss,
            params=params,
            distributions={label: labelled[label] for label in params},
            intermediate_values={5: loss} if pruned else {},
        )
        memory.create_new_trial(0, trial)
    sampler = make_sampler(name, space, labelled, 0, curves=curves)
    study = optuna.load_study(study_name="s", storage=memory, sampler=sampler)
    spent = []
    for _ in range(_ASKED):
        before = time.process_time()
        asked = ask(study, space, {})
        spent.append(1000 * (time.process_time() - before))
        study.tell(asked, float(rng.random()))
    return f"{sum(spent) / len(spent):.1f} (median {median(spent):.1f}, worst {max(spent):.1f})"


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
