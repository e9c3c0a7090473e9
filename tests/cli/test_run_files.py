"""`lrsweep init` and `lrsweep config`, and the files they write and read."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from lrsweep.plan.sweep_file import read_sweep_file
from tests.cli.terminal import lrsweep

PAGE = Path(__file__).parents[2] / "docs/sweep-toml.md"
SCRIPT = (
    "import argparse, lrsweep\n"
    "p = argparse.ArgumentParser()\n"
    "p.add_argument('--learning-rate', type=float, default=0.1)\n"
    "p.add_argument('--epochs', type=int, default=20)\n"
    "a = p.parse_args()\n"
    "lrsweep.current_trial().report(1, val_loss=a.learning_rate)\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "train.py").write_text(SCRIPT)
    return tmp_path


def test_what_init_writes_runs(folder: Path) -> None:
    done = lrsweep(folder, "init")
    assert done.returncode == 0, done.stderr
    assert "the script uses argparse" in done.stdout
    smoke = lrsweep(folder, "run", "sweep.toml", "--smoke")
    assert smoke.returncode == 0, smoke.stderr
    assert "learning_rate  log-uniform  1e-05 … 1" in smoke.stderr
    assert "epochs         fixed        2" in smoke.stderr


def test_init_leaves_a_file_alone_unless_forced(folder: Path) -> None:
    (folder / "sweep.toml").write_text("mine")
    done = lrsweep(folder, "init", "train.py")
    assert done.returncode == 2
    assert "sweep.toml exists already" in done.stderr
    assert (folder / "sweep.toml").read_text() == "mine"
    assert lrsweep(folder, "init", "train.py", "--force").returncode == 0
    assert tomllib.loads((folder / "sweep.toml").read_text())["script"] == "train.py"


def test_init_finds_the_script_from_the_file_that_it_writes(folder: Path) -> None:
    (folder / "sweeps").mkdir()
    assert lrsweep(folder, "init", "train.py", "-o", "sweeps/one.toml").returncode == 0
    done = lrsweep(folder, "run", "sweeps/one.toml", "--dry-run")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("gone.py",), "there is no script gone.py"),
        (("-o", "no/such/sweep.toml"), "cannot be written"),
        (("notes.txt",), "cannot be read as Python"),
    ],
)
def test_init_refuses_in_a_sentence(
    arguments: tuple[str, ...], sentence: str, folder: Path
) -> None:
    (folder / "notes.txt").write_text("not a script")
    done = lrsweep(folder, "init", *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_config_prints_a_file_that_goes_on_with_the_same_study(folder: Path) -> None:
    flags = ("train.py", "-s", "learning_rate=0.1,0.2", "--sampler", "grid", "--metric", "val_loss")
    assert lrsweep(folder, "run", *flags).returncode == 0
    printed = lrsweep(folder, "config", *flags)
    assert printed.returncode == 0, printed.stderr
    (folder / "plan.toml").write_text(printed.stdout)
    again = lrsweep(folder, "run", "plan.toml", "--json", "-q")
    assert again.returncode == 0, again.stderr
    assert '"completed": 2' in again.stdout


def test_config_writes_nothing_and_takes_the_options_of_a_run(folder: Path) -> None:
    done = lrsweep(folder, "config", "digits", "--smoke", "-n", "9")
    content = tomllib.loads(done.stdout)
    assert (content["trials"], content["study"], content["timeout"]) == (9, "digits-smoke", "10m")
    assert [path.name for path in folder.iterdir()] == ["train.py"]


def test_the_files_of_the_page_are_sound(folder: Path) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    whole = [block for block in blocks if "[space]" in block]
    assert len(whole) == 2
    for block in whole:
        (folder / "sweep.toml").write_text(block)
        read_sweep_file(folder / "sweep.toml")


def test_the_pages_name_every_key() -> None:
    page = PAGE.read_text("utf-8") + PAGE.with_name("settings.md").read_text("utf-8")
    schema = (Path(__file__).parents[2] / "lrsweep/plan/sweep.schema.json").read_text("utf-8")
    assert [key for key in json.loads(schema)["properties"] if f"`{key}`" not in page] == []
