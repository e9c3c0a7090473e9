"""Which kind of script it is, how that was seen, and its parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lrsweep.scripts import argparse_, click_, dataclass_, hydra_, keyvalue_, lightning_, typer_
from lrsweep.scripts.parameter import Parameter
from lrsweep.scripts.source import Source
from lrsweep.scripts.styles import StyleName


@dataclass(frozen=True, slots=True)
class Script:
    """What the source of a script tells.

    `style` is how it takes parameters, None where that is not certain; `why` says so in words, and
    `source` is None where the script could not be read. `shows_all` is false where a library adds
    options that do not stand in the source.
    """

    path: Path
    style: StyleName | None
    why: str
    parameters: tuple[Parameter, ...] = ()
    source: Source | None = None
    shows_all: bool = True

    def parameter(self, name: str) -> Parameter | None:
        """The parameter `name`, whether it is spelled with dashes or underscores."""
        plain = name.replace("-", "_")
        return next((p for p in self.parameters if p.name.replace("-", "_") == plain), None)


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    style: StyleName
    is_kind: Callable[[Source], bool]
    parameters: Callable[[Source], Iterator[Parameter]]
    shows_all: bool = True


def _imports(*modules: str) -> Callable[[Source], bool]:
    return lambda source: any(module in source.imports for module in modules)


def _nothing(_source: Source) -> Iterator[Parameter]:
    return iter(())


# In order: a Hydra program may well import argparse too.
_KINDS = (
    _Kind("hydra", "hydra", _imports("hydra"), hydra_.parameters),
    _Kind("OmegaConf", "hydra", lambda s: s.uses("from_cli"), _nothing),
    _Kind("LightningCLI", "lightning", lambda s: s.uses("LightningCLI"), lightning_.parameters),
    _Kind("jsonargparse", "lightning", _imports("jsonargparse"), argparse_.parameters),
    _Kind("configurator.py", "keyvalue", keyvalue_.is_configured, keyvalue_.parameters),
    _Kind("typer", "argparse", _imports("typer"), typer_.parameters),
    _Kind("click", "argparse", _imports("click"), click_.parameters),
    _Kind("absl.flags", "lightning", _imports("absl"), _nothing),
    _Kind("fire", "keyvalue", _imports("fire"), _nothing),
    _Kind(
        "HfArgumentParser", "argparse", lambda s: s.uses("HfArgumentParser"), dataclass_.parameters
    ),
    _Kind("tyro", "argparse", _imports("tyro"), _nothing),
    _Kind("simple_parsing", "argparse", _imports("simple_parsing"), dataclass_.parameters),
    _Kind(
        "lrsweep.train", "argparse", lambda s: s.uses("with_recipe"), argparse_.parameters, False
    ),
    _Kind("argparse", "argparse", _imports("argparse"), argparse_.parameters),
)


def read_script(path: Path) -> Script:
    """Read the source at `path`; a script that cannot be parsed tells nothing."""
    try:
        source = Source.read(path)
    except (SyntaxError, ValueError, OSError):
        return Script(path, None, "the script cannot be read as Python")
    for kind in _KINDS:
        if kind.is_kind(source):
            found = {p.name: p for p in kind.parameters(source)}
            why = f"the script uses {kind.name}"
            parameters = tuple(found.values())
            return Script(path, kind.style, why, parameters, source, kind.shows_all)
    return Script(path, None, "the script does not show how it takes them", (), source)
