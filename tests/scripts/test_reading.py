"""The source of a script tells how it takes its parameters, and which it has."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrsweep.scripts import Script, read_script


def read(folder: Path, source: str) -> Script:
    path = folder / "train.py"
    path.write_text(source)
    return read_script(path)


@pytest.mark.parametrize(
    ("source", "style", "seen"),
    [
        ("import argparse\np = argparse.ArgumentParser()", "argparse", "argparse"),
        ("from argparse import ArgumentParser as P\nP().add_argument('--x')", "argparse", "arg"),
        ("import click\n@click.command()\ndef main(): ...", "argparse", "click"),
        ("from typer import Typer", "argparse", "typer"),
        ("import hydra, argparse", "hydra", "hydra"),
        ("from omegaconf import OmegaConf\nc = OmegaConf.from_cli()", "omegaconf", "OmegaConf"),
        ("from lightning.pytorch.cli import LightningCLI\nLightningCLI()", "lightning", "Light"),
        ("from jsonargparse import CLI", "lightning", "jsonargparse"),
        ("lr = 1\nexec(open('configurator.py').read())", "keyvalue", "configurator.py"),
        ("import fire", "fire", "fire"),
        ("from transformers import HfArgumentParser as H\nHfArgumentParser(x)", "argparse", "Hf"),
        ("from lrsweep.train import Parser\nParser().with_recipe()", "argparse", "lrsweep.train"),
        ("import sys\nprint(sys.argv)", None, "does not show"),
        ("LR = 0.1\nprint(LR)", None, "reads no arguments"),
        ("def (", None, "cannot be read"),
    ],
)
def test_the_style_is_found_in_the_source(
    source: str, style: str | None, seen: str, tmp_path: Path
) -> None:
    script = read(tmp_path, source)
    assert script.style == style
    assert seen in script.why


def test_a_parser_in_a_module_beside_the_script_is_found(tmp_path: Path) -> None:
    (tmp_path / "options.py").write_text(
        "import argparse\nadd = argparse.ArgumentParser().add_argument\nadd('--lr', default=0.1)\n"
    )
    script = read(tmp_path, "from options import parse\n")
    assert script.style == "argparse"
    [rate] = script.parameters
    assert (rate.name, rate.flag, rate.default) == ("lr", "--lr", 0.1)


def test_the_script_is_never_run(tmp_path: Path) -> None:
    read(tmp_path, f"import argparse\nopen({str(tmp_path / 'ran')!r}, 'w')\n")
    assert not (tmp_path / "ran").exists()


def test_argparse_options(tmp_path: Path) -> None:
    script = read(
        tmp_path,
        "import argparse\n"
        "p = argparse.ArgumentParser()\n"
        "p.add_argument('data')\n"
        "p.add_argument('-b', '--batch-size', type=int, default=64, help='examples a step')\n"
        "p.add_argument('--opt', choices=['sgd', 'adam'])\n"
        "p.add_argument('--layers', nargs='+', type=int)\n"
        "p.add_argument('--fp16', action='store_true')\n"
        "p.add_argument('--no-cuda', dest='cuda', action='store_false')\n"
        "p.add_argument('--ema', action=argparse.BooleanOptionalAction)\n"
        "p.add_argument('--version', action='version')\n",
    )
    found = {p.name: p for p in script.parameters}
    assert list(found) == ["batch_size", "opt", "layers", "fp16", "cuda", "no_cuda", "ema"]
    size = found["batch_size"]
    assert (size.flag, size.kind, size.default) == ("--batch-size", "int", 64)
    assert (size.help, size.also) == ("examples a step", ("b",))
    assert found["opt"].choices == ("sgd", "adam")
    assert found["layers"].many == "items"
    assert found["fp16"].said == {True: ("--fp16",), False: (), None: None}
    assert found["cuda"].said == {True: (), False: ("--no-cuda",), None: None}
    assert found["no_cuda"].said == {True: ("--no-cuda",), False: (), None: None}
    assert found["ema"].said == {True: ("--ema",), False: ("--no-ema",), None: ()}
    assert script.complete


def test_click_options(tmp_path: Path) -> None:
    script = read(
        tmp_path,
        "import click\n"
        "@click.command()\n"
        "@click.option('--learning-rate', '-l', default=0.1)\n"
        "@click.option('--opt', type=click.Choice(['sgd', 'adam']), default='sgd')\n"
        "@click.option('--ema/--no-ema', default=True)\n"
        "def main(learning_rate, opt, ema): ...\n",
    )
    rate, opt, ema = script.parameters
    assert (rate.name, rate.default) == ("learning_rate", 0.1)
    assert (rate.flag, rate.kind) == ("--learning-rate", "float")
    assert opt.choices == ("sgd", "adam")
    assert ema.said == {True: ("--ema",), False: ("--no-ema",), None: None}


def test_typer_options(tmp_path: Path) -> None:
    script = read(
        tmp_path,
        "import enum, typer\n"
        "from typing import Annotated, Literal\n"
        "class Opt(str, enum.Enum):\n"
        "    sgd = 'sgd'\n"
        "    adam = 'adam'\n"
        "def helper(x=1): ...\n"
        "def main(\n"
        "    data: str,\n"
        "    lr: float = 0.1,\n"
        "    opt: Opt = Opt.sgd,\n"
        "    size: Annotated[int, typer.Option('--batch', help='examples')] = 8,\n"
        "    ema: bool = False,\n"
        "    steps: int = typer.Option(100),\n"
        "    kind: Literal['a', 'b'] = 'a',\n"
        "    layers: list[int] = [8],\n"
        "): ...\n"
        "typer.run(main)\n",
    )
    found = {p.name: p for p in script.parameters}
    assert list(found) == ["lr", "opt", "size", "ema", "steps", "kind", "layers"]
    assert found["opt"].choices == ("sgd", "adam")
    assert found["opt"].default == "sgd"
    assert (found["size"].flag, found["size"].kind) == ("--batch", "int")
    assert found["size"].help == "examples"
    assert found["ema"].said == {True: ("--ema",), False: ("--no-ema",), None: None}
    assert found["steps"].default == 100
    assert found["layers"].many == "repeated"
    assert found["kind"].choices == ("a", "b")


@pytest.mark.parametrize(
    "parser", ["HfArgumentParser((Args, TrainingArguments))", "HfArgumentParser(Args)"]
)
def test_the_fields_of_dataclasses(parser: str, tmp_path: Path) -> None:
    script = read(
        tmp_path,
        "from transformers import HfArgumentParser, TrainingArguments\n"
        "class Args:\n"
        "    width: int = 8\n"
        "    depth: int = field(default=2, metadata={})\n"
        f"{parser}\n",
    )
    found = {p.name: p.default for p in script.parameters}
    assert (found.pop("width"), found.pop("depth")) == (8, 2)
    assert found.get("learning_rate") == (5e-5 if "Training" in parser else None)


def test_the_configuration_of_a_hydra_program(tmp_path: Path) -> None:
    (tmp_path / "conf/optimizer").mkdir(parents=True)
    (tmp_path / "conf/config.yaml").write_text(
        "defaults:\n  - optimizer: sgd\n  - _self_\nepochs: 10\noptimizer:\n  momentum: 0.5\n"
    )
    (tmp_path / "conf/optimizer/sgd.yaml").write_text("lr: 1e-3\nmomentum: 0.9\n")
    script = read(
        tmp_path,
        "import hydra\n"
        "@hydra.main(version_base=None, config_path='conf', config_name='config')\n"
        "def main(cfg): ...\n",
    )
    assert {p.name: p.default for p in script.parameters} == {
        "optimizer.lr": 0.001,
        "optimizer.momentum": 0.5,
        "optimizer": "sgd",
        "epochs": 10,
    }


def test_the_classes_of_a_lightning_program(tmp_path: Path) -> None:
    script = read(
        tmp_path,
        "from lightning.pytorch.cli import LightningCLI\n"
        "class Net:\n"
        "    def __init__(self, lr: float = 0.1, width: int = 8): ...\n"
        "class Data:\n"
        "    def __init__(self, *, batch_size: int = 64): ...\n"
        "LightningCLI(Net, datamodule_class=Data)\n",
    )
    assert {p.name: p.default for p in script.parameters} == {
        "model.lr": 0.1,
        "model.width": 8,
        "data.batch_size": 64,
    }


def test_global_variables_that_a_configurator_overrides(tmp_path: Path) -> None:
    script = read(
        tmp_path,
        "import os\n"
        "learning_rate = 6e-4\n"
        "compile = True\n"
        "keys = [k for k in globals()]\n"
        "exec(open('configurator.py').read())\n"
        "later = 3\n",
    )
    assert {p.name: p.default for p in script.parameters} == {
        "learning_rate": 6e-4,
        "compile": True,
    }


def test_a_parameter_is_found_under_either_spelling(tmp_path: Path) -> None:
    script = read(tmp_path, "import argparse\nx.add_argument('--batch-size', default=3)\n")
    [parameter] = script.parameters
    assert script.parameter("batch-size") == script.parameter("batch_size") == parameter
    assert script.parameter("batch") is None


def test_a_script_in_a_package_is_read_from_inside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "__init__.py").write_text("")
    (tmp_path / "options.py").write_text("import argparse\nx.add_argument('--lr', type=float)\n")
    (tmp_path / "train.py").write_text("from .options import x\n")
    monkeypatch.chdir(tmp_path)
    assert [p.name for p in read_script(Path("train.py")).parameters] == ["lr"]


def test_a_model_that_is_set_to_evaluation_runs_no_code_of_others(tmp_path: Path) -> None:
    assert read(tmp_path, "import torch\nmodel.eval()\nprint('val_loss', 1)\n").reads_nothing
    assert not read(tmp_path, "eval(open('x').read())\n").reads_nothing
