"""Range tests of scripts that know nothing of lrsweep, from the command line."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from lrsweep.store.read import StudyReader
from tests.cli.terminal import lrsweep
from tests.observe.process import Runner

# It warms up, decays, clips and accumulates, and would write a checkpoint at every step.
SCRIPT = """
import argparse
import torch
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.01)
parser.add_argument("--steps", type=int, default=400)
args = parser.parse_args()
torch.manual_seed(0)
net = torch.nn.Sequential(torch.nn.Linear(8, 32), torch.nn.Tanh(), torch.nn.Linear(32, 1))
groups = [{"params": net[0].parameters(), "lr": args.lr / 10}, {"params": net[2].parameters()}]
optimizer = torch.optim.SGD(groups, lr=args.lr, momentum=0.9)
schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: min(1.0, s / 100))
x = torch.randn(512, 8); y = x.sum(1, keepdim=True).sin()
for step in range(args.steps):
    for part in range(2):
        at = torch.randint(0, 512, (32,))
        (torch.nn.functional.mse_loss(net(x[at]), y[at]) / 2).backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 10.0)
    optimizer.step(); optimizer.zero_grad(); schedule.step()
    torch.save(net.state_dict(), "checkpoint.pt")
    torch.load("checkpoint.pt")
print("trained")
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("find")
    (folder / "train.py").write_text(SCRIPT)
    (folder / "manual.py").write_text("import torch\nprint('done')\n")
    return folder


def found(folder: Path, *arguments: str) -> dict[str, Any]:
    done = lrsweep(folder, "find", *arguments, "--json", "-q")
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_a_bracket_is_found_whatever_the_schedule_says(folder: Path) -> None:
    document = found(folder, "train.py")
    low, high = document["bracket"]
    assert 1e-3 < low < high < 5
    rates = document["rates"]
    assert rates[0] == pytest.approx(1e-6)
    ratios = [b / a for a, b in itertools.pairwise(rates)]
    assert ratios == pytest.approx([ratios[0]] * len(ratios))
    assert not (folder / "checkpoint.pt").exists()
    trial = folder / "lrsweep-runs/train-find/trials/00000"
    assert "trained" not in (trial / "stdout.log").read_text()
    assert not (trial / "saved").exists()


def test_groups_keep_the_ratio_of_their_rates(folder: Path) -> None:
    found(folder, "train.py", "--steps", "40")
    with StudyReader(f"sqlite:///{folder}/lrsweep.db") as reader:
        curves = {c.metric: c for c in reader.curves("train-find", 0)}
    high, low = curves["observed/lr"].values, curves["observed/lr_min"].values
    assert low == pytest.approx([rate / 10 for rate in high])


def test_a_script_that_ends_too_soon_is_told(folder: Path) -> None:
    document = found(folder, "train.py", "-s", "steps=30")
    assert document["bracket"] is None
    assert document["problem"] == "it ended after 30 steps, 10% of the test's"


def test_a_script_without_an_optimizer_is_told(folder: Path) -> None:
    done = lrsweep(folder, "find", "manual.py", "-q")
    assert done.returncode == 2
    assert "it does not train with an optimizer of PyTorch" in done.stderr


def test_rates_that_lie_in_tensors_are_raised_too(runner: Runner) -> None:
    seen = runner.run(
        """
        import torch
        w = torch.nn.Parameter(torch.ones(3)); rate = torch.tensor(0.5)
        optimizer = torch.optim.Adam([w], lr=rate, foreach=False)
        for step in range(100):
            optimizer.zero_grad(); (w ** 2).sum().backward(); optimizer.step()
        print("not reached")
        """,
        env={"LRSWEEP_OBSERVE_RAMP": "1e-3:1e-1:20"},
    )
    assert (seen.stdout, seen.code, seen.facts["ramp"]) == ("", 0, "done")
    assert list(seen.curve("lr").values())[::19] == pytest.approx([1e-3, 1e-1])
    assert len(seen.points) == 20


def test_processes_that_train_together_end_together(runner: Runner) -> None:
    seen = runner.run(
        """
        import os, torch, torch.distributed as dist, torch.multiprocessing as mp
        from torch.nn.parallel import DistributedDataParallel
        def train(rank, port):
            os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
            dist.init_process_group("gloo", rank=rank, world_size=2)
            net = DistributedDataParallel(torch.nn.Linear(4, 1))
            optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
            while True:
                net(torch.randn(8, 4)).pow(2).mean().backward(); optimizer.step()
        if __name__ == "__main__":
            import socket
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0)); port = free.getsockname()[1]
            ranks = [mp.get_context("spawn").Process(target=train, args=(r, port)) for r in (0, 1)]
            [r.start() for r in ranks]; [r.join() for r in ranks]
            print([r.exitcode for r in ranks])
        """,
        env={"LRSWEEP_OBSERVE_RAMP": "1e-3:1e-1:20"},
    )
    assert seen.stdout == "[0, 0]\n"
    assert len(seen.curve("train_loss")) == 20
