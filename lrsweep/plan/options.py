"""What `lrsweep run` was told on its command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from pydantic.dataclasses import dataclass

from lrsweep.plan.checking import Location, check
from lrsweep.plan.settings import STRICT, Settings

# Flags that are not spelled as the setting is: words that Python or TOML keep for themselves.
_FLAGS = {"fixed": "set", "sweep_dir": "dir", "args_style": "args"}


@dataclass(frozen=True, kw_only=True, config=STRICT)
class RunOptions(Settings):
    """Settings, what to run, and which variation of it.

    `command` is what stood after `--`, `sweep_command` all that the user typed.
    """

    target: str | None = None
    command: tuple[str, ...] = ()
    preset: str | None = None
    smoke: bool = False
    sweep_command: tuple[str, ...] = ()


def read_flags(
    given: Mapping[str, Any], command: Sequence[str], sweep_command: Sequence[str]
) -> RunOptions:
    """Options from parsed flags, by name of the setting; names that are none are left alone.

    Raises `PlanError` naming the flag whose value is wrong.
    """
    known = {field.name for field in fields(RunOptions)}
    said = {name: value for name, value in given.items() if name in known and value is not None}
    said |= {"command": tuple(command), "sweep_command": tuple(sweep_command)}
    return check(RunOptions, said, _label)


def flag_of(name: str) -> str:
    """The flag that says the setting `name`: `--trial-timeout`."""
    return f"--{_FLAGS.get(name, name).replace('_', '-')}"


def _label(path: Location, value: str | None) -> str:
    return f"{flag_of(path[0])} {value}"
