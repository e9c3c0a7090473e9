"""Going on with, and reporting on, a study of 10 000 trials with 20 reports each.

    python -m benchmarks.large_reads [--trials 10000]

`resume`: from the call of lrsweep to the first new trial's start, beside Optuna's `load_study` and
`ask` with the same sampler. `report`: `lrsweep report`, beside Optuna's `trials_dataframe`.
Wanted: the first new trial within 3 s; the report within 2 s and 400 MB.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.large_study import grow

LRSWEEP = str(Path(sys.executable).with_name("lrsweep"))
_OPTUNA = """
import optuna, sys
optuna.logging.set_verbosity(optuna.logging.WARNING)
study = optuna.load_study(
    study_name="large", storage=sys.argv[1], sampler=optuna.samplers.{sampler})
{then}
"""
RESUME = _OPTUNA.format(
    sampler="TPESampler(seed=0)",
    then='study.ask({"lr": optuna.distributions.FloatDistribution(1e-5, 1, log=True)})',
)
REPORT = _OPTUNA.format(
    sampler="RandomSampler()", then='study.trials_dataframe().nsmallest(10, "value").to_string()'
)


def timed(command: list[str], folder: Path) -> tuple[float, float]:
    """Seconds that `command` takes, and the memory of its largest process in MB."""
    began = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    wall_s = time.perf_counter() - began
    return wall_s, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def resume_s(folder: Path, trials: int) -> float:
    """Seconds from the call of lrsweep to the start of trial number `trials`."""
    (folder / "train.py").write_text(
        "import lrsweep; lrsweep.current_trial().report(1, val_loss=1)"
    )
    command = [LRSWEEP, "run", "train.py", "-s", "lr=1e-5:1", "--metric", "val_loss", "-q"]
    command += ["--sampler", "tpe", "--study", "large", "-n", str(trials + 1), "-j", "1"]
    began = time.time()
    storage = ["--storage", f"sqlite:///{folder}/lrsweep.db", "--dir", str(folder / "large")]
    subprocess.run([*command, *storage], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    trial = folder / "large" / "trials" / f"{trials:05d}" / "trial.json"
    started: float = json.loads(trial.read_text())["started_at"]
    return started - began


def main() -> None:
    parser = argparse.ArgumentParser(description="Large studies: going on, and reporting.")
    parser.add_argument("--trials", type=int, default=10_000)
    trials = parser.parse_args().trials
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        grow(folder, trials)
        os.chdir("/")
        url = f"sqlite:///{folder}/lrsweep.db"
        report_s, report_mb = timed([LRSWEEP, "report"], folder)
        frame_s, _ = timed([sys.executable, "-c", REPORT, url], folder)
        ours = resume_s(folder, trials)
        theirs, _ = timed([sys.executable, "-c", RESUME, url], folder)
    print(f"resume   lrsweep {ours:5.2f} s   Optuna {theirs:5.2f} s   ratio {ours / theirs:.2f}")
    print(
        f"report   lrsweep {report_s:5.2f} s   Optuna {frame_s:5.2f} s"
        f"   ratio {report_s / frame_s:.2f}   lrsweep's memory {report_mb:.0f} MB"
    )


if __name__ == "__main__":
    main()
