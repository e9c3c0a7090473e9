"""How parameters are appended to a command that has no placeholders: one writer for each style.

    argparse    --lr 0.1 --nesterov --layers 64 64     also click, typer, tyro, HfArgumentParser
    hydra       lr=0.1 nesterov=true layers=[64, 64]
    keyvalue    --lr=0.1 --nesterov=True               values as Python literals, as nanoGPT reads
    lightning   --lr=0.1 --nesterov=true               LightningCLI, jsonargparse
    none        nothing: parameters are in LRSWEEP_PARAMS

A text in square brackets is a list: `[64, 64]`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Literal, get_args

from lrsweep.scripts.option import Option
from lrsweep.space import format_value
from lrsweep.trial import ParamValue

StyleName = Literal["argparse", "hydra", "keyvalue", "lightning", "none"]
STYLES: tuple[StyleName, ...] = get_args(StyleName)
Options = Mapping[str, Option]

# What Hydra's override grammar takes without quotes, and what it would not take for a text.
_HYDRA_WORD = re.compile(r"[\w/.+@?|-]+", re.ASCII)
_HYDRA_NOT_TEXT = re.compile(r"(?:true|false|null|nan|[+-]?(?:inf|[\d._]+(?:e[+-]?\d+)?))", re.I)


def append(style: StyleName, name: str, value: ParamValue, options: Options) -> list[str]:
    """The arguments that hand `value` to parameter `name`.

    `options` says how the script itself spells its options, as far as that is known.
    """
    return _WRITERS[style](name, value, options)


def example(style: StyleName) -> str:
    """The style in one word or two, for the eye."""
    return _EXAMPLES[style]


def list_items(value: ParamValue) -> list[str] | None:
    """The items of `[64, 64]`; None for what is no list, or a list within a list."""
    if not isinstance(value, str) or not (value.startswith("[") and value.endswith("]")):
        return None
    inside = value[1:-1].strip()
    if "[" in inside or "]" in inside:
        return None
    return [item.strip().strip("'\"") for item in inside.split(",")] if inside else []


def _argparse(name: str, value: ParamValue, options: Options) -> list[str]:
    option = options.get(name.replace("-", "_")) or Option(flag=f"--{name}")
    if isinstance(value, bool) and not option.takes_value:
        switch = option.flag if value else option.negation
        return [switch] if switch else []
    items = list_items(value)
    if items is not None and option.repeats:
        return [argument for item in items for argument in (option.flag, item)]
    if items is None or not option.takes_list:
        items = [format_value(value)]
    if len(items) == 1 and items[0].startswith("-"):
        # Beside its option it would be taken for another option: --shift=-1e-05.
        return [f"{option.flag}={items[0]}"]
    return [option.flag, *items]


def _hydra(name: str, value: ParamValue, _options: Options) -> list[str]:
    text = format_value(value)
    plain = not isinstance(value, str) or (
        _HYDRA_WORD.fullmatch(value) and not _HYDRA_NOT_TEXT.fullmatch(value)
    )
    if plain or list_items(value) is not None:
        return [f"{name}={text}"]
    # A backslash counts only before a quote or at the end: the rest stands for itself.
    quoted = re.sub(r"(\\*)('|\Z)", lambda m: m[1] * 2 + ("\\'" if m[2] else ""), text)
    return [f"{name}='{quoted}'"]


def _keyvalue(name: str, value: ParamValue, _options: Options) -> list[str]:
    return [f"--{name}={value}" if isinstance(value, bool) else f"--{name}={format_value(value)}"]


def _lightning(name: str, value: ParamValue, _options: Options) -> list[str]:
    return [f"--{name}={format_value(value)}"]


def _none(_name: str, _value: ParamValue, _options: Options) -> list[str]:
    return []


_WRITERS: Mapping[StyleName, Callable[[str, ParamValue, Options], list[str]]] = {
    "argparse": _argparse,
    "hydra": _hydra,
    "keyvalue": _keyvalue,
    "lightning": _lightning,
    "none": _none,
}
_EXAMPLES: Mapping[StyleName, str] = {
    "argparse": "--name value",
    "hydra": "name=value",
    "keyvalue": "--name=value, as Python writes it",
    "lightning": "--name=value",
    "none": "only in LRSWEEP_PARAMS",
}
