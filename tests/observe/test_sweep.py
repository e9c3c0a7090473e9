"""What a sweep does with what was seen of its trials, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

from lrsweep.store.read import StudyReader
from tests.cli.terminal import lrsweep

ARGUMENTS = """
import argparse, time, torch
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.001)
args = parser.parse_args()
net = torch.nn.Linear(4, 1)
"""
IGNORES = (
    ARGUMENTS
    + """
optimizer = torch.optim.SGD(net.parameters(), lr=0.001)
for step in range(30):
    loss = net(torch.ones(8, 4)).pow(2).mean()
    optimizer.zero_grad(); loss.backward(); optimizer.step()
print("val_loss", loss.item())
"""
)
# It evaluates once, in the very end, hours after its loss became infinite.
DIVERGES = (
    ARGUMENTS
    + """
optimizer = torch.optim.SGD(net.parameters(), lr=args.lr)
for step in range(10 ** 9):
    loss = (100 * net(torch.ones(8, 4))).pow(2).mean()
    optimizer.zero_grad(); loss.backward(); optimizer.step(); time.sleep(0.01)
print("val_loss", loss.item())
"""
)
SAYS_NOTHING = IGNORES.replace("lr=0.001)\nfor", "lr=args.lr)\nfor").replace(
    'print("val_loss", loss.item())', ""
)
METRIC = ("--metric", "val_loss")
RUN = ("--sampler", "grid", "-j", "1", "-q")


def test_a_rate_that_reaches_nothing_stops_the_sweep(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(IGNORES)
    command = ("run", "train.py", "-s", "lr=0.1,0.2,0.3,0.4", "--metric", "val_loss", *RUN)
    done = lrsweep(tmp_path, *command)
    assert done.returncode == 2
    assert "lr does not reach the training: 0.1 and 0.2 were passed" in done.stderr
    assert "the optimizer ran with 0.001 in every trial" in done.stderr
    again = lrsweep(tmp_path, *command, "--observe", "off", "--study", "off", "--json")
    assert json.loads(again.stdout)["trials"] == {"completed": 4}


def test_what_was_seen_is_kept_with_the_trial(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SAYS_NOTHING)
    metric = ("--metric", "observed/train_loss")
    done = lrsweep(tmp_path, "run", "train.py", "-s", "lr=0.01,0.02", *metric, *RUN, "--json")
    assert json.loads(done.stdout)["trials"] == {"completed": 2}, done.stderr
    with StudyReader(f"sqlite:///{tmp_path}/lrsweep.db") as reader:
        rows = reader.study("train")
        curves = {c.metric: c for c in reader.curves("train", 0)}
    assert rows.metric == "observed/train_loss"
    assert [t.observed["optimizers"][0]["first"] for t in rows.trials] == [[0.01], [0.02]]
    shown = lrsweep(tmp_path, "show", "0", COLUMNS="100").stdout
    assert "SGD, lr 0.01, 30 steps" in shown
    assert curves["observed/train_loss"].steps[:16] == tuple(range(1, 17))
    assert set(curves["observed/lr"].values) == {0.01}


def test_a_loss_that_is_infinite_ends_a_trial_that_says_nothing_yet(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(DIVERGES)
    done = lrsweep(
        tmp_path, "run", "train.py", "-s", "lr=1", "--metric", "val_loss", *RUN, "--json"
    )
    assert json.loads(done.stdout)["trials"] == {"diverged": 1}, done.stderr
    with StudyReader(f"sqlite:///{tmp_path}/lrsweep.db") as reader:
        (trial,) = reader.study("train").trials
    assert "the training loss was" in trial.reason


def test_what_is_not_observed_is_no_metric(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SAYS_NOTHING)
    metric = ("--metric", "observed/train_loss", "--observe", "off")
    done = lrsweep(tmp_path, "run", "train.py", "-s", "lr=1", *metric)
    assert done.returncode == 2
    assert "observed/train_loss is seen only where trials are observed" in done.stderr
