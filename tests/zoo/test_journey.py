"""Programs of every style as a stranger takes them: probe, paste the line, read the report; then
init, and run what it wrote. What each trial recorded is compared with what the program got."""

from __future__ import annotations

import ast
import importlib.util
import json
import shlex
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.cli.terminal import lrsweep
from tests.scripts.programs import PROGRAMS, Program

ZOO = Path(__file__).parent
STYLES = [pytest.param(program, id=program.style) for program in PROGRAMS]
# Scripts that are files of their own, what they are called with, and what is proposed for them.
FILES = (
    ("mnist.py", ("--set", "epochs=2"), "test_set/average_loss", "lr"),
    ("nanogpt.py", ("--set", "compile=false", "--set", "max_iters=100"), "val_loss",
     "learning_rate"),
    ("progress_bar.py", (), "val_loss", "lr"),
    ("click_json.py", ("--set", "nesterov=false"), "eval/loss", "lr"),
    ("typer_logging.py", (), "val_accuracy", "lr"),
    ("writes_beside.py", (), "val_loss", "lr"),
    ("output_option.py", (), "val_loss", "lr"),
)  # fmt: skip


def lacks(packages: tuple[str, ...]) -> str:
    return next((name for name in packages if importlib.util.find_spec(name) is None), "")


def study(folder: Path, *arguments: str) -> dict[str, Any]:
    """The JSON document of the report."""
    done = lrsweep(folder, "report", "--format", "json", *arguments)
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def probed(folder: Path, *arguments: str) -> dict[str, Any]:
    done = lrsweep(folder, "probe", *arguments)
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def pasted(folder: Path, line: str, *more: str) -> None:
    """Run `line` as a user would paste it, with fewer trials."""
    program, *words = shlex.split(line)
    assert program == "lrsweep"
    place = words.index("--") if "--" in words else len(words)
    done = lrsweep(folder, *words[:place], *more, *words[place:])
    assert done.returncode == 0, f"{line}\n{done.stderr}"


def got(folder: Path, trial: dict[str, Any]) -> dict[str, object]:
    [log] = folder.glob(f"lrsweep-runs/*/trials/{trial['trial']:05d}/stdout.log")
    line = next(line for line in log.read_text().splitlines() if line.startswith("GOT "))
    read: dict[str, object] = ast.literal_eval(line.removeprefix("GOT "))
    return read


@pytest.mark.parametrize("program", STYLES)
def test_from_probe_to_report_and_from_init_to_run(program: Program, tmp_path: Path) -> None:
    if missing := lacks(program.needs):
        pytest.skip(f"the {missing} package is not installed")
    program.write(tmp_path)
    rate = program.own("learning_rate")
    command = ("--", *program.command) if program.command else ()
    document = probed(tmp_path, "train.py", "--json", *command)
    words = shlex.split(document["run"])
    space = words[words.index("--space") + 1]
    # A script with SGD is searched from 0.001 on, one of which nothing is known as for Adam.
    assert space in (f"{rate}=1e-05:1", f"{rate}=0.001:10")
    assert "--metric val_loss --direction minimize" in document["run"]
    pasted(tmp_path, document["run"], "-n", "4", "-j", "2", "--pruner", "none", "-q")
    check(tmp_path, study(tmp_path), rate)
    shutil.rmtree(tmp_path / "lrsweep-runs")

    assert lrsweep(tmp_path, "init", "train.py").returncode == 0
    written = tomllib.loads((tmp_path / "sweep.toml").read_text())
    assert written["metric"] == "val_loss"
    assert written["space"] == {rate: space.removeprefix(f"{rate}=")}
    options = ("-n", "2", "-j", "2", "-q", "--study", "of-init", "--pruner", "none", *command)
    done = lrsweep(tmp_path, "run", "sweep.toml", *options)
    assert done.returncode == 0, done.stderr
    check(tmp_path, study(tmp_path, "of-init"), rate)


def check(folder: Path, document: dict[str, Any], rate: str) -> None:
    """Each trial got the rate that it recorded, and the best is the one that was best."""
    trials = document["rows"]
    losses = {}
    for trial in trials:
        recorded = trial["params"][rate]
        assert got(folder, trial)["learning_rate"] == recorded
        losses[trial["trial"]] = abs(recorded - 0.01) + 1 / 3
        assert trial["value"] == pytest.approx(losses[trial["trial"]], abs=1e-6)
    assert document["best"]["trial"] == min(losses, key=lambda number: losses[number])


@pytest.mark.parametrize(
    ("file", "options", "metric", "rate"), FILES, ids=[file for file, *_ in FILES]
)
def test_a_script_is_proposed_as_a_colleague_would(
    file: str, options: tuple[str, ...], metric: str, rate: str, tmp_path: Path
) -> None:
    for path in ZOO.iterdir():
        if path.is_file() and not path.name.startswith("test_"):
            shutil.copy(path, tmp_path)
    document = probed(tmp_path, file, *options, "--json")
    words = shlex.split(document["run"])
    assert words[words.index("--metric") + 1] == metric
    assert words[words.index("--space") + 1].startswith(f"{rate}=")
    pasted(tmp_path, document["run"], "-n", "3", "-j", "2", "--pruner", "none", "-q")
    trials = study(tmp_path)["rows"]
    values = [trial["value"] for trial in trials]
    assert len(set(values)) == len(values) == 3
