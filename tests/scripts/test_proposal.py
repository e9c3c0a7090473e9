"""A first sweep.toml is made from the script's own parameters, and runs as it is."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from lrsweep.errors import PlanError
from lrsweep.scripts.proposal import find_script, propose
from tests.plan.planner import Planner

PARSER = "import argparse\nadd = argparse.ArgumentParser().add_argument\n"


def proposed(folder: Path, source: str) -> str:
    (folder / "net.py").write_text(source)
    return propose(folder / "net.py", folder).text


def space(text: str) -> dict[str, object]:
    table: dict[str, object] = tomllib.loads(text)["space"]
    return table


def test_each_optimizer_gets_its_own_rates(folder: Path) -> None:
    source = f"{PARSER}add('--lr')\nadd('--opt', choices=['sgd', 'adamw', 'mine'])\n"
    assert space(proposed(folder, source)) == {
        "lr@sgd": "0.001:10",
        "lr@adamw": "1e-05:0.1",
        "opt": ["sgd", "adamw"],
    }


def test_the_range_follows_the_scripts_own_optimizer(folder: Path) -> None:
    source = f"{PARSER}add('--lr', default=0.1)\nadd('--opt', default='sgd')\n"
    assert space(proposed(folder, source)) == {"lr": "0.001:10"}


def test_the_scripts_own_rate_lies_inside_with_room(folder: Path) -> None:
    source = f"{PARSER}add('--learning_rate', default=3.0)\n"
    assert space(proposed(folder, source)) == {"learning_rate": "1e-05:30"}


def test_a_low_rate_of_the_script_means_fine_tuning(folder: Path) -> None:
    source = f"{PARSER}add('--learning_rate', default=5e-5)\n"
    assert space(proposed(folder, source)) == {"learning_rate": "1e-06:0.001"}


def test_batch_sizes_lie_around_the_scripts_own(folder: Path) -> None:
    source = f"{PARSER}add('--lr')\nadd('--batch-size', default=32)\n"
    assert space(proposed(folder, source))["batch_size"] == [8, 32, 128]


def test_the_budget_is_fixed_and_a_tenth_of_it_is_the_smoke_preset(folder: Path) -> None:
    content = tomllib.loads(proposed(folder, f"{PARSER}add('--lr')\nadd('--epochs', default=40)\n"))
    assert content["set"] == {"epochs": 40}
    assert content["preset"]["smoke"] == {"trials": 4, "set": {"epochs": 4}}


def test_dotted_parameters_keep_their_names(folder: Path) -> None:
    (folder / "conf.yaml").write_text("optim:\n  lr: 0.1\n")
    source = "import hydra\n@hydra.main(config_path='.', config_name='conf')\ndef main(c): ...\n"
    assert space(proposed(folder, source)) == {"optim.lr": "1e-05:1"}


@pytest.mark.parametrize(
    ("line", "metric"),
    [
        ("trial.report(1, train_loss=1, val_loss=2)", "val_loss"),
        ("self.log('val/acc', x)", "val/acc"),
        ("log({'train/loss': 1, 'eval/loss': 2})", "eval/loss"),
        ("print(f'step {1}: train loss {2}, val loss {3}')", "val_loss"),
        ("print('done')", None),
    ],
)
def test_the_metric_is_one_that_the_script_names(
    line: str, metric: str | None, folder: Path
) -> None:
    assert tomllib.loads(proposed(folder, line)).get("metric") == metric


def test_what_is_proposed_is_a_plan(plan: Planner, folder: Path) -> None:
    source = f"{PARSER}add('--lr', default=0.1)\nadd('--epochs', default=9)\nprint('val_loss')\n"
    (folder / "sweep.toml").write_text(proposed(folder, source))
    made = plan("sweep.toml")
    assert made.space.texts() == ("lr=1e-05:1:log", "epochs=9")
    assert made.metric == "val_loss"


def test_the_one_script_that_looks_like_training_is_found(tmp_path: Path) -> None:
    for name in ("train.py", "model.py", "test_model.py"):
        (tmp_path / name).write_text("")
    assert find_script(tmp_path).name == "train.py"
    (tmp_path / "train_big.py").write_text("")
    with pytest.raises(PlanError, match=r"which of these.*train.py, train_big.py"):
        find_script(tmp_path)


def test_an_empty_folder_has_no_script(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="there is no script here"):
        find_script(tmp_path)
