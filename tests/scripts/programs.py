"""One small script for each way of reading arguments. Each prints what it got.

All take a learning_rate (float), a width (integer), nesterov (true or false), a name (text), drop
(a float or None) and layers (a list of integers), as far as that way can.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lrsweep.trial import ParamValue

# What it got, and a training whose best learning rate is 0.01.
_TRAIN = "[print(f'epoch {e} val_loss: {abs(float(%s) - 0.01) + 1 / e:.9f}') for e in (1, 2, 3)]\n"
_GOT = (
    "print('GOT', dict(learning_rate=a.learning_rate, width=a.width, nesterov=a.nesterov,"
    " name=a.name, drop=a.drop, layers=list(a.layers))); "
) + _TRAIN % "a.learning_rate"
_TRAIN_LOCAL = _TRAIN % "learning_rate"
_TRAIN_GIVEN = _TRAIN % 'given["learning_rate"]'
_FIELDS = (
    "    learning_rate: float = 0.1\n"
    "    width: int = 8\n"
    "    nesterov: bool = True\n"
    "    name: str = 'sgd'\n"
    "    drop: Optional[float] = None\n"
)
_DATACLASS = (
    "from dataclasses import dataclass, field\n"
    "from typing import List, Optional\n"
    "@dataclass\n"
    "class Args:\n"
    f"{_FIELDS}"
    "    layers: List[int] = field(default_factory=lambda: [1, 2])\n"
)


@dataclass(frozen=True)
class Program:
    """`refuses` are the (name, value) that cannot be said to it, `names` what it calls them."""

    style: str
    source: str
    refuses: tuple[tuple[str, ParamValue], ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)

    def own(self, name: str) -> str:
        """What it calls `name`."""
        return self.names.get(name, name)

    def write(self, folder: Path) -> None:
        """Put the script, as `train.py`, and its files into `folder`."""
        for name, text in {"train.py": self.source, **self.files}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


PROGRAMS = (
    Program(
        "argparse",
        "import argparse\n"
        "p = argparse.ArgumentParser()\n"
        "p.add_argument('--learning_rate', type=float, default=0.1)\n"
        "p.add_argument('--width', type=int, default=8)\n"
        "p.add_argument('--nesterov', action=argparse.BooleanOptionalAction, default=True)\n"
        "p.add_argument('--name', default='sgd')\n"
        "p.add_argument('--drop', type=float)\n"
        "p.add_argument('--layers', type=int, nargs='+', default=[1])\n"
        "a = p.parse_args()\n" + _GOT,
    ),
    Program(
        "argparse switches, single dashes",
        "import argparse\n"
        "p = argparse.ArgumentParser()\n"
        "p.add_argument('-learning_rate', type=float, default=0.1)\n"
        "p.add_argument('-width', type=int, default=8)\n"
        "p.add_argument('--no-nesterov', dest='nesterov', action='store_false')\n"
        "p.add_argument('-name', type=str, default='sgd')\n"
        "p.add_argument('-drop', type=float, default=0.5)\n"
        "p.add_argument('-layers', type=int, action='append', default=None)\n"
        "a = p.parse_args()\n"
        "a.layers = a.layers or []\n" + _GOT,
        refuses=(("drop", None),),
    ),
    Program(
        "argparse subcommands",
        "import argparse\n"
        "p = argparse.ArgumentParser()\n"
        "p.add_argument('--learning_rate', type=float, default=0.1)\n"
        "p.add_argument('--name', default='sgd')\n"
        "sub = p.add_subparsers(dest='model', required=True)\n"
        "r = sub.add_parser('resnet')\n"
        "r.add_argument('--width', type=int, default=8)\n"
        "r.add_argument('--nesterov', type=lambda s: s.lower() == 'true', default=False)\n"
        "r.add_argument('--layers', type=int, nargs='*', default=[])\n"
        "r.add_argument('--drop', type=float, default=None)\n"
        "v = sub.add_parser('vit')\n"
        "v.add_argument('--patch', type=int)\n"
        "a = p.parse_args()\n" + _GOT,
        command=("resnet",),
    ),
    Program(
        "argparse type=bool",
        "import argparse, ast\n"
        "p = argparse.ArgumentParser()\n"
        "p.add_argument('--learning_rate', type=float, default=0.1)\n"
        "p.add_argument('--width', type=int, default=8)\n"
        "p.add_argument('--nesterov', type=bool, default=True)\n"
        "p.add_argument('--name', default='sgd')\n"
        "p.add_argument('--drop', type=ast.literal_eval)\n"
        "p.add_argument('--layers', type=ast.literal_eval, default=[])\n"
        "a = p.parse_args()\n" + _GOT,
    ),
    Program(
        "argparse own boolean",
        "import argparse\n"
        "def boolean(text):\n"
        "    if text in ('Y', 'N'):\n"
        "        return text == 'Y'\n"
        "    raise ValueError\n"
        "p = argparse.ArgumentParser()\n"
        "p.add_argument('--learning_rate', type=float, default=0.1)\n"
        "p.add_argument('--width', type=int, default=8)\n"
        "p.add_argument('--nesterov', type=boolean, default=True)\n"
        "p.add_argument('--name', default='sgd')\n"
        "p.add_argument('--drop', type=float)\n"
        "p.add_argument('--layers', type=lambda s: [int(x) for x in s.split(',')], default=[])\n"
        "a = p.parse_args()\n" + _GOT,
    ),
    Program(
        "argparse functions from elsewhere",
        "import argparse\n"
        "from types import SimpleNamespace as N\n"
        "def switch(x):\n"
        "    return dict(on=True, off=False)[x]\n"
        "p = argparse.ArgumentParser()\n"
        "p.add_argument('--learning_rate', type=lambda s: float(s), default=0.1)\n"
        "p.add_argument('--width', type=int, default=8)\n"
        "p.add_argument('--nesterov', type=switch, default=True)\n"
        "p.add_argument('--name', default='sgd', choices=['sgd', 'adam'])\n"
        "p.add_argument('--drop', type=float, default=0.5)\n"
        "p.add_argument('--layers', type=lambda s: [int(x) for x in s.split()], default=[])\n"
        "a = p.parse_args()\n" + _GOT,
        refuses=(
            ("nesterov", True),
            ("nesterov", False),
            ("name", "67217e15"),
            ("name", "it's, {x}: [1]"),
            ("name", "true"),
            ("drop", None),
            ("layers", "[64, 32]"),
        ),
    ),
    Program(
        "optparse",
        "import optparse\n"
        "p = optparse.OptionParser()\n"
        "p.add_option('--learning_rate', type='float', default=0.1)\n"
        "p.add_option('--width', type='int', default=8)\n"
        "p.add_option('--nesterov', action='store_true', default=False)\n"
        "p.add_option('--name', default='sgd')\n"
        "p.add_option('--drop', type='float')\n"
        "p.add_option('--layers', type='int', nargs=2, default=(1, 2))\n"
        "a, _ = p.parse_args()\n" + _GOT,
    ),
    Program(
        "click",
        "import click\n"
        "@click.command()\n"
        "@click.option('--learning_rate', default=0.1)\n"
        "@click.option('--width', type=int, default=8)\n"
        "@click.option('--nesterov/--no-nesterov', default=True)\n"
        "@click.option('--name', default='sgd')\n"
        "@click.option('--drop', type=float)\n"
        "@click.option('--layers', type=int, multiple=True)\n"
        "def main(**given):\n"
        "    print('GOT', given)\n"
        f"    {_TRAIN_GIVEN}"
        "main()\n",
        needs=("click",),
    ),
    Program(
        "click group",
        "import click\n"
        "@click.group()\n"
        "@click.option('--name', default='sgd')\n"
        "@click.pass_context\n"
        "def cli(ctx, name):\n"
        "    ctx.obj = name\n"
        "@cli.command()\n"
        "@click.option('--learning_rate', type=click.FloatRange(-1, 10), default=0.1)\n"
        "@click.option('--width', type=click.IntRange(1), default=8)\n"
        "@click.option('--nesterov', type=bool, default=True)\n"
        "@click.option('--drop', type=float)\n"
        "@click.option('--layers', type=int, nargs=2, default=(1, 2))\n"
        "@click.pass_obj\n"
        "def train(name, **given):\n"
        "    print('GOT', dict(given, name=name))\n"
        f"    {_TRAIN_GIVEN}"
        "cli()\n",
        command=("train",),
        needs=("click",),
    ),
    Program(
        "typer",
        "import typer\n"
        "from typing import List, Optional\n"
        "def main(learning_rate: float = 0.1, width: int = 8, nesterov: bool = True,\n"
        "         name: str = 'sgd', drop: Optional[float] = None, layers: List[int] = [1]):\n"
        "    print('GOT', locals())\n"
        f"    {_TRAIN_LOCAL}"
        "typer.run(main)\n",
        needs=("typer",),
    ),
    Program(
        "HfArgumentParser",
        "from transformers import HfArgumentParser\n"
        f"{_DATACLASS}"
        "(a,) = HfArgumentParser(Args).parse_args_into_dataclasses()\n" + _GOT,
        needs=("transformers",),
    ),
    Program(
        "simple-parsing",
        f"import simple_parsing\n{_DATACLASS}a = simple_parsing.parse(Args)\n" + _GOT,
        needs=("simple_parsing",),
    ),
    Program(
        "tyro",
        f"import tyro\n{_DATACLASS}a = tyro.cli(Args)\n{_GOT}",
        needs=("tyro",),
    ),
    Program(
        "tyro, nested",
        "import tyro\n"
        f"{_DATACLASS}"
        "@dataclass\n"
        "class Config:\n"
        "    optim: Args = field(default_factory=Args)\n"
        "a = tyro.cli(Config).optim\n" + _GOT,
        names={
            name: f"optim.{name}"
            for name in ("learning_rate", "width", "nesterov", "name", "drop", "layers")
        },
        needs=("tyro",),
    ),
    Program(
        "absl",
        "from absl import app, flags\n"
        "a = flags.FLAGS\n"
        "flags.DEFINE_float('learning_rate', 0.1, '')\n"
        "flags.DEFINE_integer('width', 8, '')\n"
        "flags.DEFINE_bool('nesterov', True, '')\n"
        "flags.DEFINE_string('name', 'sgd', '')\n"
        "flags.DEFINE_float('drop', None, '')\n"
        "flags.DEFINE_multi_integer('layers', [1], '')\n"
        f"def main(_): {_GOT}"
        "app.run(main)\n",
        needs=("absl",),
    ),
    Program(
        "fire",
        "import fire\n"
        "def main(learning_rate=0.1, width=8, nesterov=True, name='sgd', drop=None,\n"
        "         layers=(1, 2)):\n"
        "    print('GOT', locals())\n"
        f"    {_TRAIN_LOCAL}"
        "fire.Fire(main)\n",
        needs=("fire",),
    ),
    Program(
        "draccus",
        f"import draccus\n{_DATACLASS}@draccus.wrap()\ndef main(a: Args):\n    {_GOT}main()\n",
        needs=("draccus",),
    ),
    Program(
        "pyrallis",
        f"import pyrallis\n{_DATACLASS}a = pyrallis.parse(config_class=Args)\n{_GOT}",
        needs=("pyrallis",),
    ),
    Program(
        "jsonargparse",
        "from jsonargparse import CLI\n"
        "from typing import List, Optional\n"
        "def main(learning_rate: float = 0.1, width: int = 8, nesterov: bool = True,\n"
        "         name: str = 'sgd', drop: Optional[float] = None, layers: List[int] = [1]):\n"
        "    print('GOT', locals())\n"
        f"    {_TRAIN_LOCAL}"
        "CLI(main)\n",
        needs=("jsonargparse",),
    ),
    Program(
        "OmegaConf",
        "from omegaconf import OmegaConf\n"
        "base = {'learning_rate': 0.1, 'width': 8, 'nesterov': True, 'name': 'sgd', 'drop': None,\n"
        "        'layers': [1, 2]}\n"
        "a = OmegaConf.merge(base, OmegaConf.from_cli())\n" + _GOT,
        needs=("omegaconf",),
    ),
    Program(
        "Hydra",
        "import hydra\n"
        "@hydra.main(version_base=None, config_path='conf', config_name='config')\n"
        "def main(c):\n"
        "    a = c.optim\n"
        f"    {_GOT}"
        "main()\n",
        names={
            name: f"optim.{name}"
            for name in ("learning_rate", "width", "nesterov", "name", "drop", "layers")
        },
        command=("seed=2",),
        needs=("hydra",),
        files={
            "conf/config.yaml": "defaults:\n  - optim: sgd\n  - _self_\nseed: 1\n",
            "conf/optim/sgd.yaml": "learning_rate: 1e-1\nwidth: 8\nnesterov: true\nname: sgd\n"
            "drop: null\nlayers: [1, 2]\n",
        },
    ),
    Program(
        "yacs",
        "import argparse\n"
        "from yacs.config import CfgNode as CN\n"
        "_C = CN()\n"
        "_C.SOLVER = CN()\n"
        "_C.SOLVER.LEARNING_RATE = 0.1\n"
        "_C.SOLVER.WIDTH = 8\n"
        "_C.SOLVER.NESTEROV = True\n"
        "_C.SOLVER.NAME = 'sgd'\n"
        "_C.SOLVER.DROP = 0.5\n"
        "_C.SOLVER.LAYERS = [1, 2]\n"
        "p = argparse.ArgumentParser()\n"
        "p.add_argument('--seed', type=int)\n"
        "p.add_argument('opts', nargs=argparse.REMAINDER)\n"
        "c = _C.clone()\n"
        "c.merge_from_list(p.parse_args().opts)\n"
        "a = CN({k.lower(): v for k, v in c.SOLVER.items()})\n" + _GOT,
        names={
            name: f"SOLVER.{name.upper()}"
            for name in ("learning_rate", "width", "nesterov", "name", "drop", "layers")
        },
        needs=("yacs",),
    ),
    Program(
        "gin",
        "import argparse, gin\n"
        "@gin.configurable\n"
        "def train(learning_rate=0.1, width=8, nesterov=True, name='sgd', drop=None,\n"
        "          layers=(1,)):\n"
        "    print('GOT', locals())\n"
        f"    {_TRAIN_LOCAL}"
        "p = argparse.ArgumentParser()\n"
        "p.add_argument('--gin_bindings', action='append', default=[])\n"
        "gin.parse_config_files_and_bindings([], p.parse_args().gin_bindings)\n"
        "train()\n",
        names={
            name: f"train.{name}"
            for name in ("learning_rate", "width", "nesterov", "name", "drop", "layers")
        },
        needs=("gin",),
    ),
    Program(
        "configurator",
        "learning_rate = 0.1\n"
        "width = 8\n"
        "nesterov = True\n"
        "name = 'sgd'\n"
        "drop = 0.5\n"
        "layers = [1, 2]\n"
        "exec(open('configurator.py').read())\n"
        "print('GOT', dict(learning_rate=learning_rate, width=width, nesterov=nesterov, name=name,"
        " drop=drop,"
        " layers=layers))\n" + _TRAIN_LOCAL,
        refuses=(("drop", None),),
        files={"configurator.py": (Path(__file__).parents[1] / "zoo/configurator.py").read_text()},
    ),
)
