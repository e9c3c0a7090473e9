"""Flags override presets, which override the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrsweep.errors import PlanError, SpaceError
from tests.plan.planner import Planner

FILE = """\
script = "train.py"
metric = "score"
direction = "maximize"
trials = 10
[space]
lr = "1e-4:1"
[set]
epochs = 5
batch_size = 64
[env]
A = "file"
B = "file"
[preset.quick]
trials = 3
set = { epochs = 1 }
env = { A = "preset" }
[preset.wide]
sampler = "grid"
space = { lr = [0.1, 1.0], batch_size = [16, 32] }
"""


@pytest.fixture(autouse=True)
def sweep_file(folder: Path) -> None:
    (folder / "sweep.toml").write_text(FILE)


def test_a_file_alone(plan: Planner) -> None:
    made = plan("sweep.toml")
    assert made.space.texts() == ("lr=0.0001:1:log", "epochs=5", "batch_size=64")
    assert made.trials == 10


def test_flags_override_the_file(plan: Planner) -> None:
    made = plan("sweep.toml", trials=2, fixed=["epochs=9"], env=["B=flag"])
    assert made.trials == 2
    assert made.space.texts() == ("lr=0.0001:1:log", "epochs=9", "batch_size=64")
    assert dict(made.target.env) == {"A": "file", "B": "flag"}


def test_a_preset_stands_between_them(plan: Planner) -> None:
    made = plan("sweep.toml", preset="quick", fixed=["batch_size=8"])
    assert made.trials == 3
    assert set(made.space.texts()) == {"lr=0.0001:1:log", "epochs=1", "batch_size=8"}
    assert dict(made.target.env) == {"A": "preset", "B": "file"}


def test_a_preset_has_a_study_of_its_own(plan: Planner) -> None:
    assert plan("sweep.toml", preset="quick").study == f"{Path.cwd().name}-quick"
    assert plan("sweep.toml", preset="quick", study="mine").study == "mine"


def test_a_space_is_said_whole_and_holds_against_weaker_fixed_values(plan: Planner) -> None:
    made = plan("sweep.toml", preset="wide")
    assert made.space.texts() == ("lr=0.1,1.0", "batch_size=16,32", "epochs=5")
    assert made.trials is None


def test_a_fixed_flag_takes_a_parameter_out_of_the_files_space(plan: Planner) -> None:
    made = plan("sweep.toml", preset="wide", fixed=["lr=0.5"])
    assert made.space.texts() == ("batch_size=16,32", "lr=0.5", "epochs=5")


def test_twice_on_the_command_line_is_refused(plan: Planner) -> None:
    with pytest.raises(SpaceError, match="lr is given twice"):
        plan(space=["lr=1:2"], fixed=["lr=3"])


def test_a_direction_belongs_to_its_metric(plan: Planner) -> None:
    assert plan("sweep.toml").direction == "maximize"
    assert plan("sweep.toml", metric="val_loss").direction == "minimize"
    with pytest.raises(PlanError, match="is a smaller or a larger points better"):
        plan("sweep.toml", metric="points")


def test_a_grid_is_not_cut_short_by_what_the_file_says_of_another_sampler(plan: Planner) -> None:
    assert plan("sweep.toml", sampler="grid").trials is None
    assert plan("sweep.toml", sampler="grid", trials=4).trials == 4


@pytest.mark.parametrize(
    ("target", "said", "sentence", "hint"),
    [
        ("sweep.toml", {"preset": "quik"}, "has no preset 'quik'; it has: quick, wide", "quick?"),
        ("train.py", {"preset": "quick"}, "only a sweep.toml has presets", "lrsweep init"),
        ("sweep.toml", {"preset": "quick", "smoke": True}, "both given", "--preset smoke"),
    ],
)
def test_a_preset_that_is_not_there(
    plan: Planner, target: str, said: dict[str, object], sentence: str, hint: str
) -> None:
    with pytest.raises(PlanError) as caught:
        plan(target, **said)
    assert sentence in caught.value.message
    assert hint in (caught.value.hint or "")


def test_smoke_is_the_files_preset(plan: Planner, folder: Path) -> None:
    (folder / "sweep.toml").write_text(f"{FILE}[preset.smoke]\ntrials = 2\nset = {{epochs = 2}}\n")
    made = plan("sweep.toml", smoke=True)
    assert made.trials == 2
    assert "epochs=2" in made.space.texts()
    assert made.settings.timeout == 600


@pytest.mark.parametrize(
    ("said", "epochs"),
    [
        ({}, "epochs=3"),  # the script's own is 30
        ({"fixed": ["epochs=50"], "trials": 100}, "epochs=5"),
        ({"space": ["lr=1:2", "epochs=1,2"]}, "epochs=1,2"),
    ],
)
def test_smoke_without_a_preset_is_four_trials_at_a_tenth(
    plan: Planner, said: dict[str, object], epochs: str
) -> None:
    made = plan(smoke=True, **said)
    assert made.trials == 4
    assert epochs in made.space.texts()
    assert made.study == "train-smoke"


def test_smoke_takes_a_tenth_of_what_the_file_fixes(plan: Planner, folder: Path) -> None:
    (folder / "sweep.toml").write_text(FILE.replace("epochs = 5", "epochs = 40"))
    assert "epochs=4" in plan("sweep.toml", smoke=True).space.texts()


def test_smoke_takes_the_time_that_a_flag_gives(plan: Planner) -> None:
    assert plan(smoke=True, timeout="1h").settings.timeout == 3600


def test_with_a_choice_that_is_fixed_go_the_parameters_of_its_other_values(
    plan: Planner, folder: Path
) -> None:
    (folder / "two.toml").write_text(
        'script = "train.py"\nmetric = "val_loss"\n[space]\noptimizer = ["adamw", "muon"]\n'
        '"lr@adamw" = "1e-4:1e-2"\n"lr@optimizer=muon" = "1e-3:1e-1"\n"beta@muon" = "0.9:0.99"\n'
    )
    assert plan("two.toml", fixed=["optimizer=adamw"]).space.texts() == (
        "lr@adamw=0.0001:0.01:log",
        "optimizer=adamw",
    )
    assert plan("two.toml", fixed=["optimizer=muon"]).space.names() == ("lr", "beta", "optimizer")
    with pytest.raises(SpaceError, match="no choice has the value adamw"):
        plan("two.toml", fixed=["optimizer=sgd"])
