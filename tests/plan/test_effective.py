"""A plan is printed as the sweep.toml that makes the same plan."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from lrsweep.plan import SweepPlan, to_toml
from lrsweep.settings import DECLARED
from tests.plan.planner import Planner


def same(plan: SweepPlan, again: SweepPlan) -> bool:
    return replace(plan, sweep_command=()) == replace(again, sweep_command=())


@pytest.mark.parametrize(
    ("target", "command", "said"),
    [
        ("train.py", (), {}),
        ("train.py", ("--out", "{dir}"), {"timeout": "90m", "trial_timeout": "1.5", "jobs": "2"}),
        ("digits", (), {"smoke": True}),
        ("digits", (), {"gpus_per_trial": 2}),
        (None, ("echo", "{{x}}", "lr={lr}", "a 'quoted' \"one\""), {"study": "s", "seed": 3}),
        (None, ("echo", "{config}"), {"template": "c.yaml"}),
        ("train.py", (), {"env": ["A={lr}=b", "B=c"], "isolate": "copy", "workdir": "sub"}),
        ("train.py", (), {"sampler": "grid", "fail_above": 1e-05, "fail_below": -2.0}),
        ("train.py", (), {"junit": "out/j.xml", "max_failed": 0, "args_style": "none"}),
        (
            "train.py",
            (),
            {
                "space": [
                    "lr@sgd=1e-3:1:points=4",
                    "lr@adam=1e-5:1e-2",
                    "opt=sgd,adam",
                    "n='1','a,b'",
                ],
                "fixed": ["note=it's", "flag=1", "zero='007'"],
            },
        ),
    ],
)
def test_it_reads_back_to_the_same_plan(
    plan: Planner,
    folder: Path,
    target: str | None,
    command: tuple[str, ...],
    said: dict[str, object],
) -> None:
    (folder / "c.yaml").write_text("lr: 0.1\n")
    (folder / "sub").mkdir()
    made = plan(target, *command, **said)
    (folder / "again.toml").write_text(to_toml(made))
    assert same(made, plan("again.toml"))


def test_it_says_every_setting(plan: Planner, folder: Path) -> None:
    (folder / "c.yaml").write_text("lr: 0.1\n")
    (folder / "p.csv").write_text("lr\n0.1\n")
    unset = {
        "space": ["lr=1e-3:1", "optimizer=sgd,adam", "batch_size=8,16"],
        "enqueue": ["lr=0.1"],
        "points": "p.csv",
        "warm_from": "other",
        "where": ["lr < 0.5"],
        "compare": "optimizer",
        "scale": "batch_size",
        "show_metric": ["val_acc"],
        "stop_after": 9,
        "target_value": 0.1,
        "budget": "30",
        "timeout": "1h",
        "threads": 2,
        "trial_timeout": "1m",
        "max_failed": 1,
        "fail_above": 1.0,
        "fail_below": 0.0,
        "junit": "j.xml",
        "template": "c.yaml",
        "env": ["A={config}"],
        "isolate": "copy",
        "args_style": "none",
        "metric_regex": "(?P<value>.)",
        "metric_file": ["{dir}/log.csv"],
    }
    said = set(tomllib.loads(to_toml(plan(**unset))))
    # The parameters that are fixed stand in the space.
    known = {one.key for one in DECLARED} - {"set"}
    assert said == known | {"name", "command"}


def test_it_reads_back_from_another_folder(plan: Planner, folder: Path) -> None:
    made = plan()
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere/again.toml").write_text(to_toml(made))
    assert same(made, plan("elsewhere/again.toml"))
