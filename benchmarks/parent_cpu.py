"""CPU time that the parent spends on a trial with 20 reports and median pruning.

    python -m benchmarks.parent_cpu [--sizes 100 10000]

lrsweep beside plain Optuna (ask, report, should_prune, tell on its SQLite storage with the median
pruner), each adding trials to a study that has 100 or 10 000 already. Training costs nothing here.
Wanted: at most 15 ms at 100 trials and 20 ms at 10 000.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import optuna

from benchmarks.large_study import REPORTS, grow

MEASURED = 50


def lrsweep_ms(folder: Path, size: int) -> float:
    """Milliseconds of CPU a trial, starting and ending the sweep not counted."""
    grow(folder, size)
    few = _cpu_ms(lambda: grow(folder, size + 1))
    many = _cpu_ms(lambda: grow(folder, size + 1 + MEASURED))
    return (many - few) / (MEASURED - 1)


def optuna_ms(folder: Path) -> float:
    """The same with Optuna's own storage, sampler and pruner, on the study that lrsweep made."""
    storage = optuna.storages.RDBStorage(f"sqlite:///{folder}/lrsweep.db")
    study = optuna.load_study(
        study_name="large",
        storage=storage,
        sampler=optuna.samplers.RandomSampler(seed=0),
        pruner=optuna.pruners.MedianPruner(),
    )
    _optuna_trials(study, 1)  # reads the study once
    return _cpu_ms(lambda: _optuna_trials(study, MEASURED)) / MEASURED


def _optuna_trials(study: optuna.Study, count: int) -> None:
    for _ in range(count):
        trial = study.ask()
        lr = trial.suggest_float("lr", 1e-5, 1, log=True)
        value = 0.0
        for step in range(1, REPORTS + 1):
            value = abs(lr - 0.01) + 1 / step
            trial.report(value, step)
            if step < REPORTS and trial.should_prune():
                study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                break
        else:
            study.tell(trial, value)


def _cpu_ms(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return 1000 * (time.process_time() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description="CPU of the parent for one trial.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 10_000])
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    for size in parser.parse_args().sizes:
        with tempfile.TemporaryDirectory() as folder:
            ours = lrsweep_ms(Path(folder), size)
            theirs = optuna_ms(Path(folder))
        print(
            f"{size:6d} trials   lrsweep {ours:6.1f} ms   Optuna {theirs:6.1f} ms"
            f"   ratio {ours / theirs:.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
