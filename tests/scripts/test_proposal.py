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
    assert space(proposed(folder, source)) == {"learning_rate": "0.0003:30"}


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
        ("add_scalar('charts/episode_reward', r)\nadd_scalar('losses/td_loss', l)",
         "charts/episode_reward"),
        ("print('done')", None),
    ],
)  # fmt: skip
def test_the_metric_is_one_that_the_script_names(
    line: str, metric: str | None, folder: Path
) -> None:
    assert tomllib.loads(proposed(folder, line)).get("metric") == metric


def test_what_is_proposed_is_a_plan(plan: Planner, folder: Path) -> None:
    source = f"{PARSER}add('--lr', default=0.1)\nadd('--epochs', default=9)\nprint('val_loss', 1)\n"
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


SWITCHES = (
    f"{PARSER}add('--lr', type=float, default=0.1)\nadd('--decay_lr', default=True, type=bool)\n"
    "add('--min_lr', type=float, default=1e-5)\nadd('--warmup_lr', type=float, default=1e-6)\n"
    "add('--scale-lr', action='store_true')\nadd('--eval_batch_size', type=int, default=100)\n"
    "add('--log_lr', action='store_true')\nadd('--max_steps', type=int, default=-1)\n"
    "print('epoch 1 loss_train: 0.6 loss_val: 0.5')\nprint('Test set: Average loss: 0.55')\n"
)


def test_only_the_learning_rate_itself_is_searched(folder: Path) -> None:
    text = proposed(folder, SWITCHES)
    assert space(text) == {"lr": "1e-05:1"}
    assert tomllib.loads(text)["metric"] == "loss_val"


def test_a_budget_that_means_for_ever_is_asked_for(folder: Path) -> None:
    (folder / "net.py").write_text(SWITCHES)
    made = propose(folder / "net.py", folder)
    assert "set" not in tomllib.loads(made.text) or tomllib.loads(made.text)["set"] == {}
    assert any("max_steps = -1 trains for ever" in remark for remark in made.remarks)
    ended = f"{SWITCHES}add('--epochs', type=int, default=9)\n"
    assert tomllib.loads(proposed(folder, ended))["set"] == {"epochs": 9}


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (f"{PARSER}add('--base_lr', default=0.1)\nadd('--lr_decay', default=1)", "base_lr"),
        (f"{PARSER}add('--optim.lr', type=float)\nadd('--model.head_lr', type=float)", "optim.lr"),
        (f"{PARSER}add('--lr0', type=float, default=0.01)\nadd('--lrf', default=0.01)", "lr0"),
        (f"{PARSER}add('--lr', action='store_true')\nadd('--learning-rate', type=float)",
         "learning_rate"),
        (f"{PARSER}add('--lr', choices=['const', 'cosine'])\nadd('--init_lr', default=0.1)",
         "init_lr"),
    ],
)  # fmt: skip
def test_the_learning_rate_is_the_scripts_own_name_for_it(
    source: str, name: str, folder: Path
) -> None:
    assert list(space(proposed(folder, source))) == [name]


def test_no_range_is_wider_than_five_decades(folder: Path) -> None:
    for default in (1e-8, 1e-3, 0.1, 30.0):
        source = f"{PARSER}add('--lr', type=float, default={default})\n"
        low, high = map(float, str(space(proposed(folder, source))["lr"]).split(":"))
        assert low <= default <= high
        assert 0 < high / low <= 1.1e5
