"""Which kind of script it is, how that was seen, and its parameters: the table of all readers."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from lrsweep.scripts import parsers
from lrsweep.scripts.interface import Group, Interface
from lrsweep.scripts.parameter import Parameter, StyleName
from lrsweep.scripts.readers import (
    absl_,
    argparse_,
    click_,
    configurator_,
    docopt_,
    draccus_,
    fire_,
    gin_,
    hf,
    hydra_,
    jsonargparse_,
    lightning_,
    omegaconf_,
    recipe,
    simple_parsing_,
    typer_,
    tyro_,
    yacs_,
)
from lrsweep.scripts.source import Source, last_name


@dataclass(frozen=True, slots=True)
class Script:
    """What the source of a script tells.

    `style` is how it takes parameters, None where that is not certain; `why` says so in words, and
    `source` is None where the script could not be read. `complete` says that it has certainly no
    other parameters, `reads_nothing` that it reads no arguments at all.
    """

    path: Path
    style: StyleName | None
    why: str
    parameters: tuple[Parameter, ...] = ()
    source: Source | None = None
    complete: bool = False
    commands: tuple[str, ...] = ()
    groups: dict[str, Group] = field(default_factory=dict)
    reads_nothing: bool = False

    def parameter(self, name: str) -> Parameter | None:
        """The parameter `name`, whether it is spelled with dashes or underscores."""
        return self.interface.find(name)

    @property
    def interface(self) -> Interface:
        """How it takes its parameters."""
        return Interface(
            self.style or "argparse",
            self.parameters,
            self.complete,
            self.commands,
            self.groups or None,
            self.reads_nothing,
            self.path.name,
        )


@dataclass(frozen=True, slots=True)
class _Kind:
    """One way of taking parameters. A `part` of a command line leaves others beside it."""

    name: str
    style: StyleName
    is_used: Callable[[Source], bool]
    parameters: Callable[[Source], Iterator[Parameter]]
    is_complete: Callable[[Source], bool] = lambda _: False
    commands: Callable[[Source], tuple[str, ...]] = lambda _: ()
    part: bool = False


# In order: a Hydra program may well import argparse too.
_KINDS = (
    _Kind("hydra", "hydra", hydra_.is_used, hydra_.parameters, hydra_.is_complete),
    _Kind("LightningCLI", "lightning", lightning_.is_used, lightning_.parameters),
    _Kind("jsonargparse", "lightning", jsonargparse_.is_used, jsonargparse_.parameters,
          jsonargparse_.is_complete, jsonargparse_.commands),
    _Kind("configurator.py", "keyvalue", configurator_.is_used, configurator_.parameters,
          configurator_.is_complete),
    _Kind("gin", "gin", gin_.is_used, gin_.parameters, gin_.is_complete, part=True),
    _Kind("yacs", "yacs", yacs_.is_used, yacs_.parameters, yacs_.is_complete, part=True),
    _Kind("typer", "argparse", typer_.is_used, typer_.parameters, typer_.is_complete,
          typer_.commands),
    _Kind("click", "argparse", click_.is_used, click_.parameters, click_.is_complete,
          click_.commands),
    _Kind("fire", "fire", fire_.is_used, fire_.parameters, fire_.is_complete, fire_.commands),
    _Kind("HfArgumentParser", "argparse", hf.is_used, hf.parameters, hf.is_complete),
    _Kind("tyro", "argparse", tyro_.is_used, tyro_.parameters, tyro_.is_complete),
    _Kind("simple_parsing", "argparse", simple_parsing_.is_used, simple_parsing_.parameters,
          simple_parsing_.is_complete),
    _Kind("draccus", "draccus", draccus_.is_used, draccus_.parameters, draccus_.is_complete),
    _Kind("docopt", "argparse", docopt_.is_used, docopt_.parameters),
    _Kind("absl.flags", "absl", absl_.is_used, absl_.parameters, absl_.is_complete),
    _Kind("lrsweep.train", "argparse", recipe.is_used, recipe.parameters, recipe.is_complete),
    _Kind("argparse", "argparse", argparse_.is_used, argparse_.parameters,
          argparse_.is_complete, parsers.commands),
    _Kind("OmegaConf", "omegaconf", omegaconf_.is_used, omegaconf_.parameters,
          omegaconf_.is_complete),
)  # fmt: skip


def read_script(path: Path, *, packages: Path | None = None) -> Script:
    """Read the source at `path`; a script that cannot be parsed tells nothing.

    `packages` is where the packages lie that an entry of one imports.
    """
    try:
        source = Source.read(path, packages=packages)
    except (SyntaxError, ValueError, OSError):
        return Script(path, None, "the script cannot be read as Python")
    used = list(_used(source))
    if not used:
        nothing = _reads_nothing(source)
        why = "the script reads no arguments" if nothing else _HOW_UNKNOWN
        return Script(path, None, why, (), source, reads_nothing=nothing)
    found: dict[tuple[str, str], Parameter] = {}
    for kind in used:
        for parameter in kind.parameters(source):
            key = (parameter.name, parameter.command)
            found.setdefault(key, replace(parameter, style=kind.style))
    return Script(
        path,
        used[0].style,
        f"the script uses {' and '.join(kind.name for kind in used)}",
        tuple(found.values()),
        source,
        all(kind.is_complete(source) for kind in used),
        tuple(name for kind in used for name in kind.commands(source)),
        dict(_groups(source, used)),
    )


_HOW_UNKNOWN = "the script does not show how it takes them"


def _used(source: Source) -> Iterator[_Kind]:
    """The kinds that a script uses: parts first, and one that takes the whole command line."""
    for kind in _KINDS:
        if kind.is_used(source):
            yield kind
            if not kind.part:
                return


def _groups(source: Source, used: list[_Kind]) -> Iterator[tuple[str, Group]]:
    for kind in used:
        if kind.name == "yacs":
            yield "yacs", Group(yacs_.group(source) or "")
        if kind.name == "gin":
            yield "gin", Group(*gin_.group(source))


# Libraries that a training script may import and that read no command line.
_SILENT = frozenset(
    {
        *("torch", "torchvision", "torchaudio", "numpy", "scipy", "pandas", "sklearn", "PIL"),
        *("matplotlib", "seaborn", "tqdm", "cv2", "yaml", "transformers", "datasets", "rich"),
        *("tokenizers", "accelerate", "lightning", "pytorch_lightning", "tensorboard", "wandb"),
        *("tensorboardX", "jax", "jaxlib", "flax", "optax", "haiku", "keras", "tensorflow"),
        *("xgboost", "lightgbm", "catboost", "einops", "timm", "peft", "requests", "joblib"),
        *("h5py", "torchmetrics", "sentencepiece", "nltk", "gym", "gymnasium", "psutil"),
        *("omegaconf", "tomli", "toml"),
    }
)
_READS = ("argv", "ArgumentParser", "orig_argv", "getopt", "optparse", "fileinput")
_RUNS_OTHERS = ("exec", "eval", "__import__", "import_module", "run_path", "run_module", "execfile")


def _reads_nothing(source: Source) -> bool:
    """Whether no argument can reach it: neither it nor what it imports reads the command line."""
    if source.unread - _SILENT or any(map(source.uses, _READS)):
        return False
    # By its own name: `model.eval()` runs nobody's code.
    others = (call for name in _RUNS_OTHERS for call in source.calls(name))
    if any(isinstance(call.func, ast.Name) or "import" in last_name(call.func) for call in others):
        return False
    if {"getopt", "argparse", "optparse", "fileinput"} & source.imports:
        return False
    reads_environment = any(source.uses(name) for name in ("environ", "getenv"))
    return not reads_environment and not any("LRSWEEP" in text for text in source.texts())
