"""24 random trials of digits on two jobs: lrsweep from the shell, beside Optuna and Ray Tune.

    python benchmarks/digits_24.py [--trials 24] [--ray PYTHON]

All run the very script `studies/digits/train.py` with the very parameters that lrsweep drew, one
after the other on the same machine. All that a user waits for counts: the start of the program,
the creation of the study, training, the end. Wanted: Optuna and `subprocess` take at least 8 times
as long, and Ray Tune longer.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

Params = dict[str, float | str]

HERE = Path(__file__).parent
SCRIPT = HERE.parent / "studies" / "digits" / "train.py"
LRSWEEP = str(Path(sys.executable).with_name("lrsweep"))
FIXED: Params = {"batch_size": 64, "epochs": 5}
JOBS = 2


def time_lrsweep(folder: Path, trials: int) -> float:
    """Seconds from the call of `lrsweep run` to its end."""
    command = [LRSWEEP, "run", "digits", "-s", "lr=1e-5:1", "--sampler", "random", "-q"]
    command += ["--pruner", "none", "-n", str(trials), "-j", str(JOBS), "--seed", "1"]
    for name, value in FIXED.items():
        command += ["--set", f"{name}={value}"]
    began = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def drawn(folder: Path) -> list[Params]:
    """The parameters of the trials that lrsweep ran in `folder`, in their order."""
    command = [LRSWEEP, "report", "--format", "json", "--sort", "trial"]
    shown = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
    return [FIXED | trial["params"] for trial in json.loads(shown)["rows"]]


def time_peer(python: str, peer: str, folder: Path, trials: list[Params]) -> float:
    """Seconds that `peer`, a script beside this one, takes for the same trials."""
    command = [python, str(HERE / peer), str(SCRIPT), str(JOBS)]
    began = time.perf_counter()
    data = json.dumps(trials)
    subprocess.run(
        command, cwd=folder, check=True, input=data, text=True, stdout=subprocess.DEVNULL
    )
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description="Time digits trials with lrsweep and Optuna.")
    parser.add_argument("--trials", type=int, default=24)
    parser.add_argument("--ray", metavar="PYTHON", help="an interpreter that has ray[tune] too")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours = time_lrsweep(folder, args.trials)
        trials = drawn(folder)
        optuna = time_peer(sys.executable, "optuna_subprocess.py", folder, trials)
        peers = {"optimize + subprocess": optuna}
        if args.ray:
            peers["Ray Tune, reuse_actors"] = time_peer(args.ray, "ray_tune.py", folder, trials)
    print(f"lrsweep run              {ours:7.1f} s   {args.trials} trials, {JOBS} jobs")
    for peer, theirs in peers.items():
        print(f"{peer:<24} {theirs:7.1f} s   {theirs / ours:.1f} times as long")


if __name__ == "__main__":
    main()
