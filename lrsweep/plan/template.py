"""A configuration file of the user's as template: each trial gets a copy with its values set."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from typing import Any

import tomlkit
import yaml
from tomlkit.exceptions import ParseError

from lrsweep.errors import PlanError
from lrsweep.scripts.styles import list_items
from lrsweep.space.values import read_value
from lrsweep.trial import ParamValue

Scalar = ParamValue | list[ParamValue]


@dataclass(frozen=True, slots=True)
class Template:
    """The file at `path` as it was when the sweep was planned."""

    path: Path
    text: str

    @classmethod
    def read(cls, path: Path) -> Template:
        """Raises `PlanError` where `path` cannot be read or is not what its suffix says."""
        if path.suffix not in _FORMATS:
            raise PlanError(
                f"--template {path} is none of {', '.join(_FORMATS)}",
                hint="name a YAML, TOML or JSON file",
            )
        try:
            template = cls(path, path.read_text(encoding="utf-8"))
        except OSError as error:
            raise PlanError(f"--template {path} cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise PlanError(f"--template {path} is not UTF-8 text: {error.reason}") from error
        try:
            template.names()
        except (yaml.YAMLError, ParseError, json.JSONDecodeError) as error:
            words = " ".join(str(error).split())
            raise PlanError(f"--template {path} cannot be understood: {words}") from error
        except RecursionError as error:
            raise PlanError(f"--template {path} cannot be understood: nested too deep") from error
        return template

    def __str__(self) -> str:
        """Its name and a digest of its text, which tells one version from another."""
        return f"{self.path.name} ({sha256(self.text.encode()).hexdigest()[:8]})"

    def names(self) -> tuple[str, ...]:
        """The dotted keys whose values can be set: `optimizer.lr`."""
        return _FORMATS[self.path.suffix].names(self.text)

    def check(self, name: str) -> None:
        """Raises `PlanError` where there is no key `name`."""
        known = self.names()
        if name in known:
            return
        ending = [key for key in known if key.rpartition(".")[2] == name]
        near = ending or get_close_matches(name, known, n=1)
        raise PlanError(
            f"parameter {name!r} is no key of the template {self.path}",
            hint=f"did you mean {near[0]}?" if near else f"its keys: {', '.join(known)}",
        )

    def render(self, params: Mapping[str, ParamValue]) -> str:
        """The text with the dotted keys `params` set; all else stays as the user wrote it."""
        values = {name: _typed(value) for name, value in params.items()}
        return _FORMATS[self.path.suffix].render(self.text, values)


def _typed(value: ParamValue) -> Scalar:
    items = list_items(value)
    return value if items is None else [read_value(item, "value") for item in items]


@dataclass(frozen=True, slots=True)
class _Format:
    names: Callable[[str], tuple[str, ...]]
    render: Callable[[str, Mapping[str, Scalar]], str]


def _yaml_values(text: str) -> dict[str, yaml.Node]:
    """The scalar (or list) at each dotted key; composed and not built, so that tags may be any."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    return dict(_below(root, "")) if isinstance(root, yaml.MappingNode) else {}


def _below(node: yaml.MappingNode, prefix: str) -> Iterator[tuple[str, yaml.Node]]:
    for key, value in node.value:
        name = f"{prefix}{key.value}"
        if isinstance(value, yaml.MappingNode):
            yield from _below(value, f"{name}.")
        elif isinstance(value, yaml.ScalarNode) or value.flow_style:
            yield name, value


def _yaml_render(text: str, values: Mapping[str, Scalar]) -> str:
    nodes = _yaml_values(text)
    # From the end, so that the places of those before stay right.
    for name in sorted(values, key=lambda n: nodes[n].start_mark.index, reverse=True):
        start, end = nodes[name].start_mark, nodes[name].end_mark
        space = "" if start.index and text[start.index - 1].isspace() else " "
        text = text[: start.index] + space + _yaml_scalar(values[name]) + text[end.index :]
    return text


def _yaml_scalar(value: Scalar) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_yaml_scalar, value))}]"
    if isinstance(value, float):
        # YAML 1.1 takes 1e-05 for text: a float needs its point.
        mantissa, e, exponent = repr(value).partition("e")
        return f"{mantissa if '.' in mantissa else f'{mantissa}.0'}{e}{exponent}"
    return json.dumps(value, ensure_ascii=False)


def _plain_values(content: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in content.items():
        if isinstance(value, Mapping):
            yield from _plain_values(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


def _set(content: Any, dotted: str, value: Scalar) -> None:
    """Set the value at `dotted`, where a key may itself hold dots."""
    for key in content:
        if key == dotted:
            content[key] = value
        elif dotted.startswith(f"{key}.") and isinstance(content[key], Mapping):
            _set(content[key], dotted[len(key) + 1 :], value)


def _toml_render(text: str, values: Mapping[str, Scalar]) -> str:
    document = tomlkit.parse(text)
    for name, value in values.items():
        _set(document, name, value)
    return tomlkit.dumps(document)


def _json_keys(text: str) -> tuple[str, ...]:
    content = json.loads(text)
    return tuple(_plain_values(content)) if isinstance(content, dict) else ()


def _json_render(text: str, values: Mapping[str, Scalar]) -> str:
    content = json.loads(text)
    for name, value in values.items():
        _set(content, name, value)
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


_YAML = _Format(lambda text: tuple(_yaml_values(text)), _yaml_render)
_TOML = _Format(lambda text: tuple(_plain_values(tomlkit.parse(text))), _toml_render)
_FORMATS: Mapping[str, _Format] = {
    ".yaml": _YAML,
    ".yml": _YAML,
    ".toml": _TOML,
    ".json": _Format(_json_keys, _json_render),
}
