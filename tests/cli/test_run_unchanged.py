"""Scripts that know nothing of lrsweep, swept as they are: what they print or write is read."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.cli.terminal import lrsweep

PRINTS = """
import argparse, time

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
lr = parser.parse_args().lr
for epoch in range(10):
    loss = abs(lr - 0.1) + 1 / (epoch + 1)
    print(f"epoch {epoch + 1}: train loss {0.9 * loss:.4f}, val loss {loss:.4f}")
    time.sleep(0.05)
"""
WRITES = """
import csv, sys
from pathlib import Path

lr, folder = float(sys.argv[2]), Path(sys.argv[4])
with open(folder / "metrics.csv", "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["epoch", "val_loss"])
    for epoch in range(5):
        writer.writerow([epoch, abs(lr - 0.1) + 1 / (epoch + 1)])
"""
GRID = ("-s", "lr=0.01,0.1,1.0", "--sampler", "grid", "--json", "-q")


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "train.py"
    path.write_text(PRINTS)
    return path


def test_what_a_script_prints_is_its_metrics(script: Path) -> None:
    done = lrsweep(script.parent, "run", "train.py", *GRID, "--metric", "val loss")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["trials"] == {"completed": 3}
    assert document["direction"] == "minimize"
    assert document["best"]["params"] == {"lr": 0.1}
    assert document["best"]["value"] == pytest.approx(0.1)


def test_a_script_that_hears_no_request_is_terminated_when_it_is_pruned(script: Path) -> None:
    space = ("-s", "lr=0.1,0.2,0.3,0.4,0.5,5.0", "--sampler", "grid")
    done = lrsweep(
        script.parent, "run", "train.py", *space, "--metric", "val loss", "-j", "1", "--json", "-q"
    )
    assert json.loads(done.stdout)["trials"] == {"completed": 5, "pruned": 1}


def test_a_regular_expression_finds_the_metric(script: Path) -> None:
    regex = r"val loss (?P<value>\S+)"
    done = lrsweep(
        script.parent, "run", "train.py", *GRID, "--metric", "val_loss", "--metric-regex", regex
    )
    assert json.loads(done.stdout)["best"]["params"] == {"lr": 0.1}


def test_a_file_that_the_script_writes_is_read(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(WRITES)
    done = lrsweep(
        tmp_path,
        *("run", *GRID, "--metric", "val_loss", "--metric-file", "{dir}/metrics.csv"),
        *("--", sys.executable, "train.py", "--lr", "{lr}", "--out", "{dir}"),
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["best"]["value"] == pytest.approx(0.2)


def test_a_metric_that_is_not_there_is_told_with_those_that_are(script: Path) -> None:
    done = lrsweep(script.parent, "run", "train.py", "-s", "lr=0.1,0.2", "--metric", "accuracy")
    assert done.returncode == 4
    assert "never reported accuracy (it reported train_loss, val_loss)" in done.stderr


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--metric-regex", "(", "is no regular expression"),
        ("--metric-regex", "loss", "has no group called value"),
        ("--metric-file", "{dir}/metrics.xls", "metrics.xls"),
    ],
)
def test_where_to_look_is_checked_before_the_first_trial(
    script: Path, option: str, value: str, sentence: str
) -> None:
    done = lrsweep(script.parent, "run", "train.py", *GRID, "--metric", "val_loss", option, value)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert [path.name for path in script.parent.iterdir()] == ["train.py"]
