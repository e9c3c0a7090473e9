"""A configuration file of the user's as template: each trial gets a copy with its values set."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

import tomlkit
import yaml
from tomlkit.exceptions import ParseError

from lrsweep.errors import PlanError
from lrsweep.scripts.interface import nearest
from lrsweep.scripts.styles import list_items
from lrsweep.space import format_value
from lrsweep.space.values import read_value
from lrsweep.trial import ParamValue

Scalar = ParamValue | list[ParamValue]
_NO_FACTS: Mapping[str, ParamValue] = MappingProxyType({})


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
        """The dotted keys whose values can be set: `optimizer.lr`, `layers.0.units`."""
        return _FORMATS[self.path.suffix].names(self.text)

    def check(self, name: str) -> None:
        """Raises `PlanError` where there is no key `name`."""
        known = self.names()
        if name in known:
            return
        near = nearest(name, known)
        raise PlanError(
            f"parameter {name!r} is no key of the template {self.path}",
            hint=f"did you mean {near}?" if near else f"its keys: {', '.join(known)}",
        )

    def render(
        self, params: Mapping[str, ParamValue], facts: Mapping[str, ParamValue] = _NO_FACTS
    ) -> str:
        """The text with the dotted keys `params` set; all else stays as the user wrote it.

        But for `{trial}`, `{dir}` and what else a trial knows of itself: `facts` fills them in.
        """
        values = {name: _typed(value) for name, value in params.items()}
        text = _FORMATS[self.path.suffix].render(self.text, values)
        for name, value in facts.items():
            text = text.replace(f"{{{name}}}", format_value(value))
        return text


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
    return {} if root is None or isinstance(root, yaml.ScalarNode) else dict(_below(root, ""))


def _below(node: yaml.Node, prefix: str) -> Iterator[tuple[str, yaml.Node]]:
    """What can be set below a mapping, or a list, whose items are named by their number."""
    if isinstance(node, yaml.MappingNode):
        pairs = [(str(key.value), value) for key, value in node.value]
    else:
        pairs = [(str(index), value) for index, value in enumerate(node.value)]
    for key, value in pairs:
        name = f"{prefix}{key}"
        if isinstance(value, yaml.ScalarNode) or (
            isinstance(value, yaml.SequenceNode) and value.flow_style
        ):
            yield name, value
        if not isinstance(value, yaml.ScalarNode):
            yield from _below(value, f"{name}.")


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


def _plain_values(content: Any, prefix: str = "") -> Iterator[str]:
    """The dotted keys of tables and lists; a list of plain values is one itself as well."""
    for key, value in _pairs(content):
        name = f"{prefix}{key}"
        if not isinstance(value, Mapping | list):
            yield name
            continue
        if isinstance(value, list) and not any(isinstance(v, Mapping | list) for v in value):
            yield name
        yield from _plain_values(value, f"{name}.")


def _pairs(content: Any) -> list[tuple[str, Any]]:
    if isinstance(content, Mapping):
        return [(str(key), value) for key, value in content.items()]
    return [(str(index), value) for index, value in enumerate(content)]


def _set(content: Any, dotted: str, value: Scalar) -> None:
    """Set the value at `dotted`, where a key may itself hold dots."""
    for key, below in _pairs(content):
        if key == dotted:
            content[int(key) if isinstance(content, list) else key] = value
        elif dotted.startswith(f"{key}.") and isinstance(below, Mapping | list):
            _set(below, dotted[len(key) + 1 :], value)


def _toml_render(text: str, values: Mapping[str, Scalar]) -> str:
    document = tomlkit.parse(text)
    for name, value in values.items():
        if value is None:
            raise PlanError(f"{name}=null: TOML has no null", hint="use a YAML or a JSON template")
        _set(document, name, value)
    return tomlkit.dumps(document)


def _json_keys(text: str) -> tuple[str, ...]:
    content = json.loads(text)
    return tuple(_plain_values(content)) if isinstance(content, dict | list) else ()


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
