"""How values are handed to a script that takes them in one of the known ways.

    argparse    --lr 0.1 --layers 64 64           also click, typer, tyro, HfArgumentParser, …
    absl        --lr=0.1 --nesterov=false --layers=64,64
    draccus     --lr=0.1 --nesterov=false         draccus, pyrallis: values as YAML
    equals      --lr=0.1 --nesterov=true          any program that wants its values so
    fire        --lr=0.1 --nesterov=False         values as Python literals
    gin         --gin_bindings train.lr=0.1       values as gin writes them
    hydra       lr=0.1 nesterov=true layers=[64, 64]
    keyvalue    --lr=0.1 --nesterov=True          values as Python literals, as nanoGPT reads them
    lightning   --lr=0.1 --nesterov=true          LightningCLI, jsonargparse
    omegaconf   lr=0.1 nesterov=true              values as YAML
    single      -lr 0.1                           one dash before a long name
    yacs        SOLVER.BASE_LR 0.1                values as Python literals
    none        nothing: parameters are in LRSWEEP_PARAMS

A text in square brackets is a list: `[64, 64]`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import get_args

import yaml

from lrsweep.scripts.parameter import Arguments, Many, Parameter, StyleName
from lrsweep.space import format_value
from lrsweep.space.values import is_number, read_number, read_value
from lrsweep.trial import ParamValue

STYLES: tuple[StyleName, ...] = get_args(StyleName)

# What Hydra's override grammar takes without quotes, and what it would not take for a text.
_HYDRA_WORD = re.compile(r"[\w/.+@?|-]+", re.ASCII)
_HYDRA_NOT_TEXT = re.compile(r"(?:true|false|null|nan|[+-]?(?:inf|[\d._]+(?:e[+-]?\d+)?))", re.I)
_WORD = re.compile(r"[A-Za-z_][\w./-]*", re.ASCII)


class CannotBeSaid(ValueError):
    """A value that no argument hands to the parameter; the text says why."""


@dataclass(frozen=True, slots=True)
class Style:
    """One way to take parameters: `--name value`, `name=value` and so on.

    `flag` stands before a name, and `joint` between it and its value (empty: two arguments).
    `true`, `false` and `null` are what says these values, empty where nothing does; `text` writes a
    text so that it stays one. `many` is how a list is given.
    """

    example: str
    flag: str
    joint: str
    true: str
    false: str
    null: str
    text: Callable[[str], str]
    many: Many

    def said(self, flag: str, text: str) -> tuple[str, ...]:
        """The arguments that set `flag` to what `text` spells."""
        # Beside its option, what begins with a dash would be taken for another option.
        dashed = text.startswith("-") and flag.startswith("-")
        joint = self.joint or ("=" if dashed else "")
        return (f"{flag}{joint}{text}",) if joint else (flag, text)


def _as_it_is(text: str) -> str:
    return text


def _python_text(text: str) -> str:
    if _WORD.fullmatch(text) and text not in ("True", "False", "None"):
        return text
    return json.dumps(text, ensure_ascii=False) if text.isprintable() else repr(text)


def _gin_text(text: str) -> str:
    return text if text.startswith(("@", "%")) else json.dumps(text, ensure_ascii=False)


def _yaml_text(text: str) -> str:
    try:
        same = yaml.safe_load(text) == text and read_number(text) is None
    except yaml.YAMLError:
        same = False
    return text if same else json.dumps(text, ensure_ascii=False)


def _hydra_text(text: str) -> str:
    if _HYDRA_WORD.fullmatch(text) and not _HYDRA_NOT_TEXT.fullmatch(text):
        return text
    # A backslash counts only before a quote or at the end: the rest stands for itself.
    quoted = re.sub(r"(\\*)('|\Z)", lambda m: m[1] * 2 + ("\\'" if m[2] else ""), text)
    return f"'{quoted}'"


TABLE: Mapping[StyleName, Style] = {
    "argparse": Style("--name value", "--", "", "true", "false", "", _as_it_is, "items"),
    "absl": Style("--name=value", "--", "=", "true", "false", "", _as_it_is, "commas"),
    "draccus": Style(
        "--name=value, as YAML writes it",
        *("--", "=", "true", "false", "null"), _yaml_text, "literal",
    ),
    "equals": Style("--name=value", "--", "=", "true", "false", "", _as_it_is, "literal"),
    "fire": Style(
        "--name=value, as Python writes it",
        *("--", "=", "True", "False", "None"), _python_text, "literal",
    ),
    "gin": Style("name=value, as gin writes it", "", "=", "True", "False", "None", _gin_text,
                 "literal"),
    "hydra": Style("name=value", "", "=", "true", "false", "null", _hydra_text, "literal"),
    "keyvalue": Style(
        "--name=value, as Python writes it",
        *("--", "=", "True", "False", "None"), _python_text, "literal",
    ),
    "lightning": Style("--name=value", "--", "=", "true", "false", "null", _as_it_is, "literal"),
    "omegaconf": Style("name=value", "", "=", "true", "false", "null", _yaml_text, "literal"),
    "single": Style("-name value", "-", "", "true", "false", "", _as_it_is, "items"),
    "yacs": Style("NAME value", "", "", "True", "False", "None", _python_text, "literal"),
    "none": Style("only in LRSWEEP_PARAMS", "", "", "", "", "", _as_it_is, ""),
}  # fmt: skip


def example(style: StyleName) -> str:
    """The style in one word or two, for the eye."""
    return TABLE[style].example


def arguments(style: StyleName, parameter: Parameter, value: ParamValue) -> tuple[str, ...]:
    """The arguments that hand `value` to `parameter`; none where its option is left out.

    Raises `CannotBeSaid` where no argument makes the script end up with that value.
    """
    if style == "none":
        return ()
    way = TABLE[style]
    flag = parameter.flag or f"{way.flag}{parameter.name}"
    _check_choice(parameter, value)
    if value is None or isinstance(value, bool):
        return _said(way, flag, parameter, value)
    if parameter.kind == "bool":
        raise CannotBeSaid("it is true or false")
    if is_number(value):
        return way.said(flag, _number(parameter, value))
    assert isinstance(value, str)
    items = list_items(value)
    many = parameter.many or ("never" if parameter.kind == "text" else way.many)
    if items is not None and many != "never":
        return _list(way, flag, many, items, parameter)
    if parameter.kind in ("int", "float"):
        if read_number(value) is None:
            raise CannotBeSaid("it is a number")
        return way.said(flag, value)
    return way.said(flag, way.text(value))


def _said(way: Style, flag: str, parameter: Parameter, value: bool | None) -> tuple[str, ...]:
    known = parameter.said or {}
    if value in known:
        found: Arguments = known[value]
        if found is None:
            raise CannotBeSaid(_why_not(value))
        return found
    if value is None:
        return _null(way, flag, parameter)
    if parameter.kind in ("int", "float"):
        raise CannotBeSaid("it is a number")
    return way.said(flag, way.true if value else way.false)


def _null(way: Style, flag: str, parameter: Parameter) -> tuple[str, ...]:
    if way.null:
        return way.said(flag, way.null)
    if parameter.knows_default and parameter.default is not None:
        left_out = format_value(parameter.default)
        raise CannotBeSaid(f"it cannot be None: left out, it is {left_out}")
    return ()


def _why_not(value: bool | None) -> str:
    if value is None:
        return "it cannot be None"
    word = "true" if value else "false"
    return f"no argument makes it {word}"


def _number(parameter: Parameter, value: int | float) -> str:
    if parameter.kind == "int" and isinstance(value, float):
        raise CannotBeSaid("it is a whole number")
    return format_value(float(value) if parameter.kind == "float" else value)


def _check_choice(parameter: Parameter, value: ParamValue) -> None:
    choices = parameter.choices
    if not choices or value is None or isinstance(value, bool):
        return
    text = format_value(value)
    if text in choices or (isinstance(value, str) and list_items(value) is not None):
        return
    number = read_number(text)
    if number is None or number not in map(read_number, choices):
        raise CannotBeSaid(f"it is one of {', '.join(choices)}")


def _list(
    way: Style, flag: str, many: Many, items: list[str], parameter: Parameter
) -> tuple[str, ...]:
    values = [read_value(item, "value", parameter.kind) if item else "" for item in items]
    texts = [_item(way, value) for value in values]
    match many:
        case "items":
            return (flag, *texts)
        case "repeated":
            return tuple(argument for text in texts for argument in way.said(flag, text))
        case "unclear":
            raise CannotBeSaid("how it takes a list is not known")
        case "commas":
            return way.said(flag, ",".join(texts))
    return way.said(flag, f"[{', '.join(texts)}]")


def _item(way: Style, value: ParamValue) -> str:
    if value is None:
        return way.null or "null"
    if isinstance(value, bool):
        return way.true if value else way.false
    if not isinstance(value, str):
        return format_value(value)
    # Inside a literal list Python takes no bare word.
    python = way.text in (_python_text, _gin_text)
    return repr(value) if python else way.text(value)


def list_items(value: ParamValue) -> list[str] | None:
    """The items of `[64, 64]`; None for what is no list, or a list within a list."""
    if not isinstance(value, str) or not (value.startswith("[") and value.endswith("]")):
        return None
    inside = value[1:-1].strip()
    if "[" in inside or "]" in inside:
        return None
    return [item.strip().strip("'\"") for item in inside.split(",")] if inside else []
