"""`sweep.toml` says all that flags say; what is wrong is told with its line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer.main

from lrsweep.cli.config import OF_THE_RUN
from lrsweep.cli.main import app
from lrsweep.errors import PlanError
from lrsweep.plan.options import RunOptions, flag_of
from lrsweep.plan.schema import schema_text
from lrsweep.plan.sweep_file import read_sweep_file
from lrsweep.settings import Settings
from tests.plan.planner import Planner

SCHEMA = Path(__file__).parents[2] / "lrsweep/plan/sweep.schema.json"
WHOLE = """\
name = "net"
description = "all that can be said"
command = ["echo", "train"]
args = ["--out", "{dir}"]
sampler = "random"
pruner = "none"
stop_diverged = false
enqueue = ["lr=0.1"]
points = "points.csv"
warm_from = "other"
where = ["lr < 0.5"]
repeats = 2
scale = ["width"]
objective = "best"
compare = "opt"
stop_after = 9
target_value = 0.3
budget = "5h"
stop_converged = true
trials = 7
metric = "score"
metric_regex = "(?P<value>.*)"
metric_file = ["{dir}/log.csv"]
direction = "maximize"
seed = 3
jobs = 2
timeout = "1h30m"
trial_timeout = 90
device = "cpu"
gpus = "0,2"
trials_per_gpu = 1
gpus_per_trial = 2
share_gpus = true
threads = 3
retries = 0
retry_crashed = true
start = "cold"
observe = "off"
storage = "sqlite:///other.db"
study = "mine"
dir = "runs"
args_style = "hydra"
max_log = "2GB"
show_metric = ["accuracy"]
template = "c.yaml"
workdir = "sub"
isolate = "copy"
max_failed = 1
fail_above = 2
fail_below = 0.5
junit = "out.xml"

[space]
lr = "1e-5:1"
"momentum@sgd" = "0:0.9"
opt = ["sgd", "adam", "1"]
width = [64, 128]
layers = [[64, 64], [32]]

[set]
epochs = 3
tag = "7"
betas = [0.9, 0.99]
fp16 = true

[env]
RATE = "{lr}"
THREADS = 2

[preset.smoke]
trials = 2
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "sweep.toml"
    path.write_text(text)
    return path


def test_every_setting_can_be_said(plan: Planner, folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "points.csv").write_text("lr\n0.1\n")
    (folder / "c.yaml").write_text("width: 1\n")
    write(folder, WHOLE.replace('"{dir}"', '"{config}"'))
    made = plan("sweep.toml")
    assert made.space.texts() == (
        "lr=1e-05:1:log",
        "momentum@sgd=0:0.9:linear",
        "opt=sgd,adam,'1'",
        "width=64,128",
        "layers='[64, 64]',[32]",
        "epochs=3",
        "tag='7'",
        "betas='[0.9, 0.99]'",
        "fp16=true",
    )
    said = made.settings
    assert (made.study, said.sampler, said.pruner, made.trials) == ("mine", "random", "none", 7)
    assert (made.metric, made.direction, said.seed, made.jobs) == ("score", "maximize", 3, 2)
    assert (said.metric_regex, said.metric_file) == ("(?P<value>.*)", ("{dir}/log.csv",))
    assert (said.timeout, said.trial_timeout) == (5400.0, 90.0)
    assert (said.gpus, said.gpus_per_trial, said.share_gpus) == ("0,2", 2, True)
    assert said.threads == 3
    assert (said.device, said.retries, made.storage) == ("cpu", 0, "sqlite:///other.db")
    assert (said.max_failed, said.fail_above, said.fail_below) == (1, 2.0, 0.5)
    assert made.sweep_dir == folder / "runs"
    assert made.junit == folder / "out.xml"
    assert made.target.label == "net"
    assert made.target.argv == ("echo", "train", "--out", "{config}")
    assert made.target.cwd == str(folder / "sub")
    assert (made.target.style, made.target.isolate) == ("hydra", "copy")
    assert made.target.env == (("RATE", "{lr}"), ("THREADS", "2"))


def test_the_file_of_the_test_says_every_setting(folder: Path) -> None:
    file = read_sweep_file(write(folder, WHOLE))
    assert sorted(set(Settings.model_fields) - set(file.said())) == []


def test_every_setting_has_a_flag_and_every_flag_a_setting() -> None:
    group: Any = typer.main.get_command(app)
    context = group.make_context("lrsweep", [], resilient_parsing=True)
    options = {p.name: p.opts for p in group.get_command(context, "run").params}
    settings = set(RunOptions.model_fields) - {"command", "sweep_command"}
    assert set(options) - {"help", *OF_THE_RUN} == settings
    assert [name for name in settings - {"target"} if flag_of(name) not in options[name]] == []


@pytest.mark.parametrize(
    ("text", "sentence", "hint"),
    [
        ("trails = 3", "line 2: unknown key trails", "did you mean trials?"),
        ("zzz = 3", "line 2: unknown key zzz", "known: "),
        ("[preset.a]\n\ntrails = 3", "line 4: unknown key preset.a.trails", "did you mean trials?"),
        ("[presets.a]\nx = 1", "line 2: unknown key presets", "did you mean preset?"),
        ("trials = 0", "line 2: trials = 0 is not at least 1", None),
        ("trials = '3'", "line 2: trials = '3' is not a whole number", None),
        ("trials = true", "line 2: trials = true is not a whole number", None),
        ("sampler = 'gird'", "line 2: sampler = 'gird' is not one of auto", "did you mean grid?"),
        ("metric = 3", "line 2: metric = 3 is not a text", None),
        ("timeout = 'soon'", "line 2: timeout = 'soon' is not a duration", "try 90s"),
        ("jobs = 0", "line 2: jobs = 0 is not a number above zero", "try"),
        ("fail_above = nan", "line 2: fail_above = nan is not a finite number", None),
        ("args = [\n1,\n]", "line 4: args = 1 is not a text", None),
        ("space = 3", "line 2: space = 3 is not a table", None),
        ("[set]\nx = {a = 1}", "holds {'a': 1}, which is no value", "give a number"),
        ("command = []", "line 2: command = [] is empty", None),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    text: str, sentence: str, hint: str | None, folder: Path
) -> None:
    path = write(folder, f'script = "train.py"\n{text}\n')
    with pytest.raises(PlanError) as caught:
        read_sweep_file(path)
    assert caught.value.message.startswith(f"{path}, line ")
    assert sentence in caught.value.message
    assert (caught.value.hint or "").startswith(hint or "")


def test_paths_in_a_file_are_relative_to_it(folder: Path) -> None:
    (folder / "deep").mkdir()
    file = read_sweep_file(write(folder / "deep", 'script = "x.py"\ntemplate = "c.yaml"\n'))
    assert file.template == str(folder / "deep/c.yaml")


def test_the_schema_is_up_to_date_and_knows_every_key() -> None:
    assert SCHEMA.read_text("utf-8") == schema_text()
    schema = json.loads(schema_text())
    assert {"script", "set", "dir", "preset", "trial_timeout"} <= set(schema["properties"])
    assert schema["additionalProperties"] is False
    assert all("description" in entry for entry in schema["properties"].values())
