"""Training scripts of many kinds, swept as they are: each gets its parameters the way it takes
them, and fails by itself where they are not what it expects."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.terminal import lrsweep

# Each reports |lr - 0.1| for lr = 0.01 and 0.1, and checks that lr is a float.
REPORT = (
    "import lrsweep\n"
    "def report(lr):\n"
    "    assert type(lr) is float, lr\n"
    "    lrsweep.current_trial().report(1, val_loss=abs(lr - 0.1))\n"
)
ARGPARSE = (
    "import argparse\n"
    "p = argparse.ArgumentParser()\n"
    "p.add_argument('--lr', type=float, required=True)\n"
    "p.add_argument('--batch-size', type=int, required=True)\n"
    "p.add_argument('--layers', type=int, nargs='+', required=True)\n"
    "p.add_argument('--ema', action=argparse.BooleanOptionalAction, default=True)\n"
    "p.add_argument('--note')\n"
    "a = p.parse_args()\n"
    "assert (a.batch_size, a.layers, a.ema) == (64, [8, 4], False)\n"
    "assert a.note == 'it\\'s  a \"note\" $HOME', a.note\n"
    "report(a.lr)\n"
)
CLICK = (
    "import click\n"
    "@click.command()\n"
    "@click.option('--lr', type=float)\n"
    "@click.option('--batch-size', type=int)\n"
    "@click.option('--ema/--no-ema', default=True)\n"
    "def main(lr, batch_size, ema):\n"
    "    assert (batch_size, ema) == (64, False)\n"
    "    report(lr)\n"
    "main()\n"
)
TYPER = (
    "import typer\n"
    "def main(lr: float = 1.0, batch_size: int = 1, ema: bool = True, layers: list[int] = [1]):\n"
    "    assert (batch_size, ema, layers) == (64, False, [8, 4])\n"
    "    report(lr)\n"
    "typer.run(main)\n"
)
# As nanoGPT's configurator.py does it.
CONFIGURATOR = (
    "import sys\n"
    "from ast import literal_eval\n"
    "for arg in sys.argv[1:]:\n"
    "    key, val = arg.split('=')\n"
    "    key = key[2:]\n"
    "    try:\n"
    "        attempt = literal_eval(val)\n"
    "    except (SyntaxError, ValueError):\n"
    "        attempt = val\n"
    "    assert type(attempt) == type(globals()[key])\n"
    "    globals()[key] = attempt\n"
)
KEYVALUE = (
    "lr = 6e-4\nbatch_size = 12\nema = True\n"
    "exec(open('configurator.py').read())\n"
    "assert (batch_size, ema) == (64, False)\n"
    "report(lr)\n"
)
ENVIRONMENT = (
    "import json, os, sys\n"
    "assert sys.argv[1:] == []\n"
    "params = json.loads(os.environ['LRSWEEP_PARAMS'])\n"
    "assert (params['batch_size'], params['ema']) == (64, False)\n"
    "report(params['lr'])\n"
)
COMMON = ("--set", "batch_size=64", "--set", "ema=false")
NOTE = ("--set", "note='it''s  a \"note\" $HOME'", "--set", "layers=[8, 4]")


def swept(folder: Path, *arguments: str) -> str:
    """Sweep lr over 0.01 and 0.1, of which 0.1 must be the best; what was said on the way."""
    done = lrsweep(
        folder,
        *("run", "-s", "lr=0.01,0.1", "--sampler", "grid", "--metric", "val_loss", "--json"),
        *arguments,
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["trials"] == {"completed": 2}, done.stderr
    assert document["best"]["params"]["lr"] == 0.1
    return done.stderr


@pytest.mark.parametrize(
    ("source", "options", "echo"),
    [
        (ARGPARSE, (*COMMON, *NOTE), "args     --name value  (the script uses argparse)"),
        (CLICK, COMMON, "args     --name value  (the script uses click)"),
        (
            TYPER,
            (*COMMON, "--set", "layers=[8, 4]"),
            "args     --name value  (the script uses typer)",
        ),
        (KEYVALUE, COMMON, "args     --name=value, as Python writes it"),
        (ENVIRONMENT, (*COMMON, "--args", "none"), "args     only in LRSWEEP_PARAMS"),
    ],
    ids=["argparse", "click", "typer", "configurator", "environment"],
)
def test_a_script_is_swept_unchanged(
    source: str, options: tuple[str, ...], echo: str, tmp_path: Path
) -> None:
    (tmp_path / "configurator.py").write_text(CONFIGURATOR)
    (tmp_path / "train.py").write_text(REPORT + source)
    assert echo in swept(tmp_path, "train.py", *options)


@pytest.mark.heavy
def test_a_hydra_program_is_swept_unchanged(tmp_path: Path) -> None:
    pytest.importorskip("hydra")
    (tmp_path / "config.yaml").write_text("lr: 1.0\nopt: {name: sgd, ema: true}\nlayers: [1]\n")
    (tmp_path / "train.py").write_text(
        f"{REPORT}import hydra\n"
        "@hydra.main(version_base=None, config_path='.', config_name='config')\n"
        "def main(cfg):\n"
        "    assert (cfg.opt.name, cfg.opt.ema, list(cfg.layers)) == ('a b', False, [8, 4])\n"
        "    report(cfg.lr)\n"
        "main()\n"
    )
    options = ("--set", "opt.name=a b", "--set", "opt.ema=false", "--set", "layers=[8, 4]")
    assert "args     name=value  (the script uses hydra)" in swept(tmp_path, "train.py", *options)


@pytest.mark.heavy
def test_a_jsonargparse_program_is_swept_unchanged(tmp_path: Path) -> None:
    pytest.importorskip("jsonargparse")
    (tmp_path / "train.py").write_text(
        f"{REPORT}from jsonargparse import CLI\n"
        "def main(lr: float = 1.0, layers: list[int] = [1], ema: bool = True):\n"
        "    assert (layers, ema) == ([8, 4], False)\n"
        "    report(lr)\n"
        "CLI(main)\n"
    )
    swept(tmp_path, "train.py", "--set", "ema=false", "--set", "layers=[8, 4]")


def test_a_shell_script_and_environment_variables(tmp_path: Path) -> None:
    (tmp_path / "report.py").write_text(f"{REPORT}import sys\nreport(float(sys.argv[1]))\n")
    (tmp_path / "train.sh").write_text('set -eu\n"$PYTHON" report.py "$RATE"\n')
    env = ("--env", "RATE={lr}", "--env", f"PYTHON={sys.executable}")
    echo = swept(tmp_path, *env, "--", "bash", "train.sh")
    assert "args     where their placeholders stand" in echo


@pytest.mark.parametrize(
    ("name", "text", "load"),
    [
        ("c.yaml", "# rates\noptim: {lr: 1.0, name: sgd}\n", "yaml.safe_load(open(path))"),
        ("c.toml", '[optim]\nlr = 1.0\nname = "sgd"\n', "tomllib.load(open(path, 'rb'))"),
        ("c.json", '{"optim": {"lr": 1.0, "name": "sgd"}}', "json.load(open(path))"),
    ],
)
def test_a_configuration_file_is_made_for_each_trial(
    name: str, text: str, load: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)
    (tmp_path / "train.py").write_text(
        f"{REPORT}import json, sys, tomllib, yaml\n"
        f"path = sys.argv[1]\noptim = {load}['optim']\n"
        "assert optim['name'] == 'sgd'\n"
        "report(optim['lr'])\n"
    )
    done = lrsweep(
        tmp_path,
        *("run", "train.py", "-s", "optim.lr=0.01,0.1", "--sampler", "grid", "--json"),
        *("--metric", "val_loss", "--template", name, "--", "{config}"),
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["best"]["params"] == {"optim.lr": 0.1}
    assert (tmp_path / name).read_text() == text
    made = tmp_path / f"lrsweep-runs/train/trials/00000/config{Path(name).suffix}"
    assert "0.01" in made.read_text()


# Fails where another trial has been in the same folder.
UNTIDY = REPORT + (
    "import pathlib, sys\n"
    "pathlib.Path('checkpoint').mkdir()\n"
    "assert pathlib.Path('data.txt').read_text() == 'data'\n"
    "report(float(sys.argv[sys.argv.index('--lr') + 1]))\n"
)


@pytest.mark.parametrize("how", ["copy", "worktree"])
def test_each_trial_has_a_folder_of_its_own_that_is_gone_afterwards(
    how: str, tmp_path: Path
) -> None:
    (tmp_path / "train.py").write_text(UNTIDY)
    (tmp_path / "data.txt").write_text("data")
    git = ("git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@example.com")
    for command in (("init", "-q"), ("add", "."), ("commit", "-qm", "first")):
        subprocess.run((*git, *command), check=True)
    assert "isolate  each trial in a" in swept(tmp_path, "train.py", "--isolate", how)
    assert not (tmp_path / "checkpoint").exists()
    assert list(tmp_path.glob("lrsweep-runs/train/trials/*/work")) == []
    worktrees = subprocess.run((*git, "worktree", "list"), capture_output=True, check=True)
    assert len(worktrees.stdout.splitlines()) == 1


def test_a_worktree_of_a_folder_within_a_repository_is_as_deep(tmp_path: Path) -> None:
    below = tmp_path / "project"
    below.mkdir()
    (below / "train.py").write_text(UNTIDY)
    (below / "data.txt").write_text("data")
    git = ("git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@example.com")
    for command in (("init", "-q"), ("add", "."), ("commit", "-qm", "first")):
        subprocess.run((*git, *command), check=True)
    swept(below, "train.py", "--isolate", "worktree")
    assert not (below / "checkpoint").exists()


def test_trials_run_in_the_workdir(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/data.txt").write_text("data")
    (tmp_path / "train.py").write_text(UNTIDY.replace("mkdir()", "mkdir(exist_ok=True)"))
    swept(tmp_path, "train.py", "--workdir", "sub")
    assert (tmp_path / "sub/checkpoint").is_dir()


def test_the_best_command_of_isolated_trials_runs_in_the_users_folder(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(UNTIDY)
    (tmp_path / "data.txt").write_text("data")
    (tmp_path / "sweep.toml").write_text('script = "train.py"\nisolate = "copy"\n')
    swept(tmp_path, "sweep.toml")
    record = tmp_path / f"lrsweep-runs/{tmp_path.name}/trials/00001/trial.json"
    command = json.loads(record.read_text())["command"]
    assert subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "checkpoint").is_dir()
