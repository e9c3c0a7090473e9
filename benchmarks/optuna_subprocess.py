"""The sweep of digits_24.py as a careful user writes it with Optuna alone.

    python benchmarks/optuna_subprocess.py SCRIPT JOBS < trials.json

`trials.json` is a list of parameter sets. A database, `jobs` threads, one process a trial with its
share of the cores, and the last validation loss that the script prints as the objective.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from queue import SimpleQueue

import optuna


def main() -> None:
    script, jobs, trials = sys.argv[1], int(sys.argv[2]), json.load(sys.stdin)
    threads = str(max(1, (os.cpu_count() or 1) // jobs))
    env = os.environ | {"OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads}
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(storage="sqlite:///optuna.db", direction="minimize")
    waiting: SimpleQueue[dict[str, float]] = SimpleQueue()
    for params in trials:
        waiting.put(params)

    def objective(trial: optuna.Trial) -> float:
        trial.suggest_float("lr", 1e-5, 1, log=True)  # what it costs; the value is not used
        command = [sys.executable, script]
        for name, value in waiting.get().items():
            command += [f"--{name}", str(value)]
        done = subprocess.run(command, env=env, check=True, capture_output=True, text=True)
        return float(re.findall(r"val_loss (\S+)", done.stdout)[-1])

    study.optimize(objective, n_trials=len(trials), n_jobs=jobs)


if __name__ == "__main__":
    main()
