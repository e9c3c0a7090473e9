"""A trial of several GPUs: who starts its processes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lrsweep.errors import PlanError
from lrsweep.plan.source import script_of
from lrsweep.report.plan import plan_lines
from lrsweep.trial import Slot
from tests.plan.planner import Planner

TORCHRUN = (sys.executable, "-m", "torch.distributed.run", "--standalone")


@pytest.mark.parametrize(
    "source",
    ["import lrsweep.train", "torch.distributed.init_process_group()", "Accelerator()"],
)
def test_a_script_that_joins_in_is_started_by_torchrun(
    plan: Planner, folder: Path, source: str
) -> None:
    (folder / "train.py").write_text(f"import argparse\n{source}\n")
    made = plan(gpus_per_trial=2)
    assert made.target.argv[:4] == TORCHRUN
    argv = made.target.render({"lr": 0.1}, {"gpus": 2, "dir": "/trial"})
    assert argv[4:8] == ("--nproc-per-node", "2", "--log-dir", "/trial/torchrun")
    assert argv[8:] == ("train.py", "--lr", "0.1")
    slots = [Slot(0, "GPU-a,GPU-b", 4, "2 × H100", 2)]
    assert "jobs     1 on gpu, 2 GPUs each with 4 threads, started by torchrun" in plan_lines(
        made, slots
    )


def test_any_other_script_only_sees_the_gpus(plan: Planner) -> None:
    assert plan(gpus_per_trial=2).target.argv == (sys.executable, "train.py")


def test_one_gpu_needs_no_torchrun(plan: Planner, folder: Path) -> None:
    (folder / "train.py").write_text("import argparse, lrsweep.train\n")
    assert plan().target.argv == plan(gpus_per_trial=1).target.argv == (sys.executable, "train.py")


def test_a_command_is_the_users_own_and_may_ask_how_many(plan: Planner, folder: Path) -> None:
    (folder / "train.py").write_text("import argparse, lrsweep.train\n")
    command = ("python", "-m", "torch.distributed.run", "--nproc-per-node", "{gpus}", "train.py")
    target = plan(None, *command, gpus_per_trial=2).target
    assert target.argv == command
    assert target.render({"lr": 0.1}, {"gpus": 2})[4:] == ("2", "train.py", "--lr", "0.1")


@pytest.mark.parametrize(
    "command",
    [
        ("torchrun", "--nproc-per-node", "2", "train.py"),
        ("python", "-m", "torch.distributed.run", "train.py", "x.py"),
        ("accelerate", "launch", "train.py"),
    ],
)
def test_the_script_behind_a_launcher_is_found(folder: Path, command: tuple[str, ...]) -> None:
    assert script_of(command, folder) == folder / "train.py"


def test_a_share_of_a_gpu_and_several_gpus_exclude_each_other(plan: Planner) -> None:
    with pytest.raises(PlanError, match="--gpus-per-trial 2 and --trials-per-gpu 3"):
        plan(gpus_per_trial=2, trials_per_gpu=3)
