"""`lrsweep import-wandb`: the same sweep from a W&B configuration."""

from __future__ import annotations

import shlex
import tomllib
from pathlib import Path

import pytest

from tests.cli.terminal import lrsweep

WANDB = """\
program: train.py
method: bayes
metric:
  name: val_loss
  goal: minimize
run_cap: 12
early_terminate: {type: hyperband, min_iter: 3}
project: mine
parameters:
  learning_rate: {distribution: log_uniform_values, min: 1e-5, max: 0.1}
  dropout: {min: 0.0, max: 0.5}
  layers: {min: 1, max: 4}
  optimizer: {values: [adam, sgd]}
  epochs: {value: 3}
  model:
    parameters:
      width: {values: [64, 128]}
"""
SCRIPT = """\
import argparse
p = argparse.ArgumentParser()
for name in ("learning_rate", "dropout", "layers", "optimizer", "epochs", "model.width"):
    p.add_argument("--" + name)
a = p.parse_args()
print("val_loss:", float(a.learning_rate))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "train.py").write_text(SCRIPT)
    (tmp_path / "sweep.yaml").write_text(WANDB)
    return tmp_path


def test_the_file_says_the_same_and_its_line_runs(folder: Path) -> None:
    done = lrsweep(folder, "import-wandb", "sweep.yaml")
    assert done.returncode == 0, done.stderr
    content = tomllib.loads((folder / "sweep.toml").read_text())
    assert content["space"] == {
        "learning_rate": "1e-05:0.1:log",
        "dropout": "0.0:0.5:linear",
        "layers": "1:4:int",
        "optimizer": ["adam", "sgd"],
        "model.width": [64, 128],
    }
    assert content["set"] == {"epochs": 3}
    assert (content["metric"], content["direction"]) == ("val_loss", "minimize")
    assert (content["sampler"], content["trials"], content["pruner"]) == ("auto", 12, "hyperband")
    assert "project is left out" in done.stderr
    run = lrsweep(folder, *shlex.split(done.stdout)[1:], "-n", "2", "-q")
    assert run.returncode == 0, run.stderr


def test_a_command_keeps_its_arguments(folder: Path) -> None:
    (folder / "sweep.yaml").write_text(
        "program: train.py\nmethod: grid\nmetric: {name: val_loss}\n"
        "command: ['${env}', '${interpreter}', '${program}', '--epochs', '2', '${args}']\n"
        "parameters: {learning_rate: {values: [0.1, 0.2]}}\n"
    )
    assert lrsweep(folder, "import-wandb", "sweep.yaml", "-o", "s.toml").returncode == 0
    content = tomllib.loads((folder / "s.toml").read_text())
    assert content["command"] == ["python", "train.py", "--epochs", "2"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: [", "is not valid YAML"),
        ("a: 1", "has no parameters"),
        ("program: t.py\nmethod: magic\nparameters: {}", "'magic' is none of grid, random, bayes"),
        ("method: grid\nparameters: {}", "names no program"),
        (
            "program: t.py\nmethod: random\nparameters: {x: {distribution: normal, mu: 0}}",
            "x has the distribution normal",
        ),
    ],
)
def test_what_cannot_be_taken_over_is_told(folder: Path, text: str, sentence: str) -> None:
    (folder / "sweep.yaml").write_text(text)
    done = lrsweep(folder, "import-wandb", "sweep.yaml")
    assert done.returncode == 2
    assert sentence in done.stderr
    assert not (folder / "sweep.toml").exists()


def test_a_file_that_is_there_is_kept(folder: Path) -> None:
    (folder / "sweep.toml").write_text("mine")
    assert lrsweep(folder, "import-wandb", "sweep.yaml").returncode == 2
    assert (folder / "sweep.toml").read_text() == "mine"
