"""A trial that takes several slots: two processes, one curve, the same examples."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.terminal import lrsweep

TOGETHER = ("--gpus-per-trial", "2", "--device", "cpu")
FAILING = """\
import argparse, os
import torch.distributed as dist
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
args = parser.parse_args()
dist.init_process_group("gloo")
if dist.get_rank() == 1:
    raise ValueError(f"{os.environ['WORLD_SIZE']} cannot train at {args.lr}")
dist.barrier()
"""


@pytest.mark.slow
def test_two_processes_train_one_trial(tmp_path: Path) -> None:
    common = ("run", "-s", "lr=0.5", "-n", "1", "--set", "epochs=1", "--json")
    alone = lrsweep(tmp_path, *common, "--study", "alone")
    both = lrsweep(tmp_path, *common, "--study", "both", *TOGETHER)
    assert both.returncode == 0, both.stderr
    values = [json.loads(done.stdout)["best"]["value"] for done in (alone, both)]
    assert values[1] == pytest.approx(values[0], rel=1e-3)
    assert positions(tmp_path, "both") == positions(tmp_path, "alone")


def positions(folder: Path, study: str) -> list[tuple[int, int]]:
    events = folder / "lrsweep-runs" / study / "trials" / "00000" / "events.jsonl"
    read = map(json.loads, events.read_text().splitlines())
    return [(e["step"], e["examples"]) for e in read if e["event"] == "report"]


@pytest.mark.slow
def test_the_process_that_failed_says_why(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(FAILING)
    flags = ("-s", "lr=0.5", "-n", "1", "--metric", "val_loss")
    done = lrsweep(tmp_path, "run", "train.py", *flags, *TOGETHER)
    assert done.returncode == 4
    assert "exit code 1: ValueError: 2 cannot train at 0.5" in done.stderr
