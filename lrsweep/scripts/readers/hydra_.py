"""Parameters of Hydra programs: the configuration that stands beside them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lrsweep.scripts.configs import parameters_of, read_yaml
from lrsweep.scripts.parameter import Parameter
from lrsweep.scripts.signature import fields_of_class, many_of
from lrsweep.scripts.source import Source, keywords, last_name, literal


def is_used(source: Source) -> bool:
    """Whether it is imported."""
    return "hydra" in source.imports


def parameters(source: Source) -> Iterator[Parameter]:
    """One for each value of the configuration that `@hydra.main` names, by its dotted key.

    A group of the configuration is one too: its choices are the files in its folder.
    """
    for root, name in _configurations(source):
        found = _composed(root, name)
        yield from parameters_of(found.content)
        yield from found.groups
    for call in source.calls("store"):
        yield from _stored(source, call)


def is_complete(source: Source) -> bool:
    """Whether every file that makes up the configuration was found."""
    configurations = list(_configurations(source))
    stored = source.uses("ConfigStore") or source.uses("initialize")
    return (
        bool(configurations)
        and not stored
        and all(_composed(root, name).whole for root, name in configurations)
    )


def _configurations(source: Source) -> Iterator[tuple[Path, str]]:
    for call in source.calls("main"):
        if isinstance(call.func, ast.Attribute) and last_name(call.func.value) == "hydra":
            said = keywords(call)
            folder, name = literal(said.get("config_path")), literal(said.get("config_name"))
            if isinstance(name, str):
                yield source.path.parent / str(folder or "."), name.removesuffix(".yaml")


@dataclass(slots=True)
class _Composed:
    """A configuration put together; `whole` says that no part of it is missing."""

    content: dict[str, Any] = field(default_factory=dict)
    groups: list[Parameter] = field(default_factory=list)
    whole: bool = True


def _composed(folder: Path, name: str) -> _Composed:
    """The file `name` with the groups of its defaults list below their names."""
    content = read_yaml(folder / f"{name}.yaml")
    composed = _Composed(whole=content is not None)
    content = content or {}
    for entry in content.pop("defaults", None) or ():
        if isinstance(entry, str):
            if entry != "_self_":
                below = _composed(folder, entry)
                _merged(composed.content, below.content)
                composed.whole &= below.whole
            continue
        for group, choice in entry.items() if isinstance(entry, Mapping) else ():
            _add_group(composed, folder, str(group), choice)
    composed.content = _merged(composed.content, content)
    return composed


def _add_group(composed: _Composed, folder: Path, group: str, choice: object) -> None:
    words = group.split()
    plain = words[-1].partition("@")[0]
    if "hydra/" in plain or words[0] == "override":
        return
    if not isinstance(choice, str):
        composed.whole &= choice is None
        return
    below = _composed(folder / plain, choice)
    composed.whole &= below.whole and words[0] != "optional"
    package = group.partition("@")[2] or plain.replace("/", ".")
    place = composed.content
    for part in package.split(".") if package not in ("_global_", "_here_") else ():
        place = place.setdefault(part, {})
    _merged(place, below.content)
    files = tuple(sorted(path.stem for path in (folder / plain).glob("*.yaml")))
    composed.groups.append(
        Parameter(plain, kind="text", default=choice, knows_default=True, choices=files)
    )
    composed.groups += below.groups


def _merged(under: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    for key, value in over.items():
        below = under.get(key)
        both = isinstance(below, dict) and isinstance(value, Mapping)
        under[key] = _merged(below, value) if both else value  # type: ignore[arg-type]
    return under


def _stored(source: Source, call: ast.Call) -> Iterator[Parameter]:
    """The fields of a dataclass that `ConfigStore.store(name="config", node=Config)` keeps."""
    said = keywords(call)
    node = said.get("node")
    inner = node.func if isinstance(node, ast.Call) else node
    found = source.class_named(last_name(inner)) if inner is not None else None
    if found is None or "group" in said:
        return
    for each in fields_of_class(source, found):
        yield Parameter(
            each.name, "", each.type.kind, each.default, each.knows_default, each.type.choices,
            many_of(each.type, "literal"), None if each.type.nullable else {None: None},
        )  # fmt: skip
