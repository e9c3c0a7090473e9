"""How long the command line takes to answer, beside the imports that it cannot do without.

    python benchmarks/startup.py [--runs 15]

Prints two figures, medians of runs that take turns:
    `lrsweep --help` as a multiple of `import typer, rich`                    at most 1.5
    `lrsweep report` on 100 trials, beyond `import pandas, sqlalchemy`        at most 1 s
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

LRSWEEP = str(Path(sys.executable).with_name("lrsweep"))

# As little as a trial can be, so that making the study does not take longer than reading it.
TRIAL_SCRIPT = """
import lrsweep

trial = lrsweep.current_trial()
for epoch in range(1, 11):
    trial.report(epoch, val_loss=(trial.params["lr"] - 0.1) ** 2 + 1 / epoch)
"""


def seconds(command: Sequence[str], folder: Path) -> float:
    """Wall time of one run of `command`, which must succeed."""
    began = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def in_turns(commands: Sequence[Sequence[str]], folder: Path, runs: int) -> list[float]:
    """The median wall time of each command over `runs` rounds, after one that warms the caches."""
    rounds = [[seconds(command, folder) for command in commands] for _ in range(runs + 1)]
    return [median(times) for times in zip(*rounds[1:], strict=True)]


def make_study(folder: Path, trials: int) -> None:
    (folder / "script.py").write_text(TRIAL_SCRIPT, encoding="utf-8")
    command = [LRSWEEP, "run", "script.py", "-s", "lr=1e-5:1", "--sampler", "random"]
    command += ["-n", str(trials), "--metric", "val_loss", "--direction", "minimize", "-q"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    parser = argparse.ArgumentParser(description="Time the start of lrsweep's commands.")
    parser.add_argument("--runs", type=int, default=15, help="measured runs of each command")
    parser.add_argument("--trials", type=int, default=100, help="trials of the study to report on")
    args = parser.parse_args()

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_study(folder, args.trials)
        shown, typer, report, pandas = in_turns(
            [
                [LRSWEEP, "--help"],
                [sys.executable, "-c", "import typer, rich"],
                [LRSWEEP, "report"],
                [sys.executable, "-c", "import pandas, sqlalchemy"],
            ],
            folder,
            args.runs,
        )
    print(f"lrsweep --help             {shown:7.3f} s")
    print(f"import typer, rich         {typer:7.3f} s    ratio {shown / typer:.2f}, at most 1.5")
    print(f"lrsweep report             {report:7.3f} s    {args.trials} trials")
    print(f"import pandas, sqlalchemy  {pandas:7.3f} s    {report - pandas:+.3f} s, at most +1 s")


if __name__ == "__main__":
    main()
