"""How a setting is declared: once, as an annotated field of `Settings`.

The declaration gives the flag of `lrsweep run` with its help and panel, the key of `sweep.toml`,
the JSON schema, the default, the check, and the line of docs/settings.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BeforeValidator
from pydantic.fields import FieldInfo

SEARCH = "Search"
OBJECTIVE = "Objective"
COMMAND = "Command of a trial"
MACHINE = "Trials on this machine"
KEEP = "Study and files"
CHECK = "Checks, for CI"
PANELS = (SEARCH, OBJECTIVE, COMMAND, MACHINE, KEEP, CHECK)


@dataclass(frozen=True, slots=True)
class Setting:
    """What is said of one setting beside its type and its default value.

    `flags` are its spellings on the command line (`--NAME` with dashes where empty), `metavar`
    stands for its value in the help, `key` is its name in `sweep.toml` where that differs from the
    field's, `default` says in words what happens where nothing is said (the default value itself
    where empty), `choices` are values to complete where the type does not list them, and `variable`
    is an environment variable that says it where no flag does. `more` is the setting that takes
    what the flag says when it is given again.
    """

    help: str
    panel: str
    flags: tuple[str, ...] = ()
    metavar: str | None = None
    key: str = ""
    default: str = ""
    choices: tuple[str, ...] = ()
    more: str = ""
    variable: str | None = None

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        schema: dict[str, Any] = handler(core_schema)
        return {**schema, "description": self.text}

    @property
    def text(self) -> str:
        """The help with the default in words."""
        return f"{self.help} Default: {self.default}." if self.default else self.help


@dataclass(frozen=True, slots=True)
class Declared:
    """A setting as it was declared: its field's name, its `Setting` and its default.

    `kinds` are the types that its value may have, without None; `reads_text` says that a text is
    turned into one of them by the setting's own check (`10m`, `auto`).
    """

    name: str
    setting: Setting
    default: Any
    kinds: tuple[Any, ...]
    reads_text: bool

    @property
    def key(self) -> str:
        """Its name in `sweep.toml`."""
        return self.setting.key or self.name

    @property
    def flags(self) -> tuple[str, ...]:
        """Its spellings on the command line, the long one first."""
        return self.setting.flags or (f"--{self.name.replace('_', '-')}",)

    @property
    def choices(self) -> tuple[str, ...]:
        """The values that it may have, where they are few and named."""
        return self.setting.choices or tuple(
            v for kind in self.kinds if get_origin(kind) is Literal for v in get_args(kind)
        )

    @property
    def repeatable(self) -> bool:
        """Whether it holds several texts, one a flag."""
        return isinstance(self.default, tuple)

    @property
    def scalar(self) -> type[bool] | type[int] | type[float] | None:
        """bool, int or float where its value is one; None where it is text on the command line."""
        found = [kind for kind in self.kinds if kind in (bool, int, float)]
        return found[0] if len(found) == 1 and not self.reads_text else None

    @property
    def help(self) -> str:
        """The help with the default, as the command line shows it."""
        if self.repeatable:
            return f"{self.setting.help} Repeatable."
        named = self.default is not None and not isinstance(self.default, bool)
        shown = self.setting.default or (str(self.default) if named else "")
        return f"{self.setting.help} Default: {shown}." if shown else self.setting.help


def declared(fields: Mapping[str, FieldInfo]) -> tuple[Declared, ...]:
    """The settings among the `fields` of a pydantic model, in order."""
    return tuple(
        Declared(name, setting, field.get_default(), *_kinds(field))
        for name, field in fields.items()
        for setting in field.metadata
        if isinstance(setting, Setting)
    )


def _kinds(field: FieldInfo) -> tuple[tuple[Any, ...], bool]:
    """The types of a field's value without None, and whether a check of its own reads texts."""
    alternatives, metadata = [field.annotation], list(field.metadata)
    kinds: list[Any] = []
    while alternatives:
        kind = alternatives.pop(0)
        if get_origin(kind) is Annotated:
            inner, *more = get_args(kind)
            alternatives.append(inner)
            metadata += more
        elif get_origin(kind) in (Union, UnionType):
            alternatives += get_args(kind)
        elif kind is not NoneType:
            kinds.append(kind)
    return tuple(kinds), any(isinstance(item, BeforeValidator) for item in metadata)
