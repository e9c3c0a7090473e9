"""From a free slot to the script's first own line: a warm start beside a cold one.

    python benchmarks/warm_start.py [--runs 15]

A script that imports torch says when its first line after the imports runs and when its optimizer
has made its first step. Both ways take turns in one run, after the launcher is ready; medians.
Wanted: a warm start within 50 ms, at least 30 times sooner than a cold one.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from lrsweep.executors.local import LocalExecutor
from lrsweep.executors.warm import WarmExecutor
from lrsweep.trial import Job, Member, Slot, TrialKey

SCRIPT = """
import time
import torch

print(time.time())
weights = torch.ones(2, requires_grad=True)
optimizer = torch.optim.AdamW([weights])
(weights * weights).sum().backward()
optimizer.step()
print(time.time())
"""


def seconds(executor: LocalExecutor, folder: Path, run: int) -> tuple[float, float, float]:
    """Seconds from the call of `start` to the first line, the first step, and the exit."""
    trial = folder / f"{id(executor)}-{run}"
    trial.mkdir()
    argv = (sys.executable, "train.py")
    env = dict(os.environ)
    member = Member(TrialKey(run, 1), {}, 0, str(trial))
    job = Job(f"{run}.1", Slot(0), (member,), argv, env, str(folder))
    began = time.time()
    executor.start(job)
    while not (exits := executor.poll(60).exits):
        pass
    ended = time.time()
    if exits[0].code != 0:
        raise SystemExit(f"the script failed: {exits[0].detail}")
    line, step = map(float, (trial / "stdout.log").read_text().split())
    return line - began, step - began, ended - began


def main() -> None:
    parser = argparse.ArgumentParser(description="Time a warm start beside a cold one.")
    parser.add_argument("--runs", type=int, default=15, help="measured starts of each kind")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "train.py").write_text(SCRIPT, encoding="utf-8")
        began = time.time()
        warm = WarmExecutor([sys.executable, "train.py"], cwd=name, env=os.environ)
        cold = LocalExecutor(env=os.environ)
        seconds(warm, folder, 0)
        ready = time.time() - began
        seconds(cold, folder, 0)
        runs = range(1, args.runs + 1)
        pairs = [(seconds(warm, folder, run), seconds(cold, folder, run)) for run in runs]
        warm.close()
        cold.close()
    print(f"{args.runs} starts of each kind, medians; the launcher was ready after {ready:.1f} s")
    print("                       warm        cold    ratio")
    for index, what in enumerate(("first own line", "first step", "exit")):
        ours, theirs = (median(pair[side][index] for pair in pairs) for side in (0, 1))
        wanted = "   at most 50 ms, ratio at least 30" if index == 0 else ""
        print(
            f"{what:<16} {ours * 1000:7.1f} ms {theirs * 1000:8.1f} ms {theirs / ours:8.1f}{wanted}"
        )


if __name__ == "__main__":
    main()
