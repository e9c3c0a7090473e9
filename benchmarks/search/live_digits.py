"""python -m benchmarks.search.live_digits: real sweeps of digits with the default search.

Three optimizers, three batch sizes and the rate are searched; counted is how often the best rate of
each optimizer lies within three quarters of a decade of the one that a grid of trainings says.
"""

from __future__ import annotations

import argparse
import math
import subprocess
import sys
import tempfile
from pathlib import Path

from lrsweep.store.read import StudyReader
from lrsweep.trial import Outcome

# The best decade of each, from grids of rates at batch sizes 32 and 64, three seeds.
_BEST = {"sgd": 0.0, "momentum": -1.0, "adam": -2.0}
_SPACE = ("lr=1e-5:10", "optimizer=sgd,momentum,adam", "batch_size=16,64,256")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--trials", type=int, default=30)
    parser.add_argument("options", nargs="*", help="more options of lrsweep run, after --")
    arguments = parser.parse_args()
    found = 0
    for seed in range(arguments.seeds):
        best = _sweep(seed, arguments.trials, arguments.options)
        near = {name: abs(best[name] - _BEST[name]) <= 0.75 for name in _BEST if name in best}
        right = len(near) == len(_BEST) and all(near.values())
        found += right
        shown = ", ".join(f"{name} {10**at:.3g}" for name, at in best.items())
        print(f"seed {seed}: {'found' if right else 'missed'}: {shown}", flush=True)
    print(f"each optimizer's best decade found in {found} of {arguments.seeds} seeds")


def _sweep(seed: int, trials: int, options: list[str]) -> dict[str, float]:
    """The decade of the best rate of each optimizer."""
    with tempfile.TemporaryDirectory() as folder:
        storage = f"sqlite:///{Path(folder) / 'live.db'}"
        space = [item for text in _SPACE for item in ("-s", text)]
        command = [sys.executable, "-m", "lrsweep.cli.main", "run", "digits", *space]
        command += ["-n", str(trials), "--seed", str(seed), "--storage", storage, "-q", *options]
        subprocess.run(command, check=True, cwd=folder, capture_output=True)
        with StudyReader(storage) as reader:
            rows = reader.study("digits")
    best: dict[str, tuple[float, float]] = {}
    for trial in rows.trials:
        name, rate = trial.params["optimizer"], trial.params["lr"]
        if trial.outcome is not Outcome.COMPLETED or trial.value is None:
            continue
        assert isinstance(rate, float)
        if str(name) not in best or trial.value < best[str(name)][0]:
            best[str(name)] = trial.value, math.log10(rate)
    return {name: at for name, (_, at) in sorted(best.items())}


if __name__ == "__main__":
    main()
