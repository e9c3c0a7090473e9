"""What the observer costs: a step of digits, a step of a small transformer, the start of a Python.

    python benchmarks/observe/overhead.py [--rounds 40]

Trainings with and without the observer take turns in one process, and what counts is the time that
this thread used the processor, so that a busy machine disturbs little; the observer's own clock is
that time too. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from lrsweep.observe import waiting
from lrsweep.observe.surroundings import ENV_OBSERVE, with_hook
from lrsweep.train import make_optimizer

Step = Callable[[], None]


def digits() -> Step:
    """A step of the bundled study: batch 64, a layer of 64, SGD with momentum."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    return step_of(model, "momentum", torch.randn(64, 64), torch.randint(0, 10, (64,)))


def transformer() -> Step:
    """A step of two layers of width 128 over 16 sequences of 64 tokens, AdamW."""
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(128, 4, 256, batch_first=True)
    model = nn.Sequential(nn.TransformerEncoder(layer, 2), nn.Flatten(0, 1), nn.Linear(128, 65))
    return step_of(model, "adamw", torch.randn(16, 64, 128), torch.randint(0, 65, (1024,)))


def step_of(model: nn.Module, optimizer_name: str, x: torch.Tensor, y: torch.Tensor) -> Step:
    optimizer = make_optimizer(optimizer_name, model.parameters(), 0.01)

    def step() -> None:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    return step


def seconds(step: Step, steps: int) -> float:
    """Of this thread's time on the processor, for each of `steps`."""
    began = time.thread_time()
    for _ in range(steps):
        step()
    return (time.thread_time() - began) / steps


def compare(make: Callable[[], Step], steps: int, rounds: int, guard: Any) -> dict[str, float]:
    """Medians over rounds: microseconds a step without the observer, and the ratio with it."""
    plain, ratios = [], []
    for number in range(rounds):
        taken = {}
        for on in (False, True) if number % 2 else (True, False):
            guard.on = guard.looks = on
            step = make()
            seconds(step, max(5, steps // 20))
            taken[on] = seconds(step, steps)
        plain.append(taken[False])
        ratios.append(taken[True] / taken[False])
    return {
        "us_a_step": round(1e6 * statistics.median(plain), 1),
        "ratio": round(statistics.median(ratios), 4),
    }


# Prints the milliseconds of processor time that the hook takes where torch is never imported.
START = """
import sys, time
sys.path.insert(0, {site!r})
began = time.thread_time()
try:
    import sitecustomize
except ImportError:
    pass
print(1000 * (time.thread_time() - began))
"""


def start_ms(rounds: int, folder: str) -> float:
    """Milliseconds that the hook adds to the start of a Python: the median over rounds."""
    env = {**os.environ, "LRSWEEP_TRIAL_DIR": folder, ENV_OBSERVE: "auto"}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # what was compiled once is kept, as by any import
    site = with_hook({ENV_OBSERVE: "auto"})["PYTHONPATH"]
    command = [sys.executable, "-S", "-c", START.format(site=site)]
    times = [
        float(subprocess.run(command, env=env, check=True, capture_output=True).stdout)
        for _ in range(rounds)
    ]
    return round(statistics.median(times), 2)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=40)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LRSWEEP_TRIAL_DIR"] = folder
        digits()()  # what torch imports with the first optimizer
        waiting.load().start()
        guard = sys.modules[f"{waiting.NAME}.hooks"]._installed["it"]._guard
        for name in ("observer", "norms"):  # so that on a busy machine it looks no more often
            vars(sys.modules[f"{waiting.NAME}.{name}"])["perf_counter"] = time.thread_time
        found = {
            "digits": compare(digits, 1000, rounds, guard),
            "transformer": compare(transformer, 20, max(6, rounds // 4), guard),
            "start_ms": start_ms(40, folder),
            "problem": guard.problem,
        }
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
