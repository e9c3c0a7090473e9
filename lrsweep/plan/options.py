"""What `lrsweep run` was told on its command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lrsweep.settings import BY_NAME, Settings
from lrsweep.settings.checking import Location, check
from lrsweep.storage_url import safe_arguments


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
    known = set(RunOptions.model_fields)
    said = {name: value for name, value in given.items() if name in known and value is not None}
    for name, one in BY_NAME.items():
        if one.setting.more and isinstance(values := said.get(name), list | tuple):
            if not values:
                del said[name]
                continue
            first, *rest = values
            said |= {name: first, one.setting.more: (*rest, *said.get(one.setting.more, ()))}
    said |= {"command": tuple(command), "sweep_command": safe_arguments(sweep_command)}
    return check(RunOptions, said, _label)


def flag_of(name: str) -> str:
    """The flag that says the setting `name`: `--trial-timeout`."""
    return BY_NAME[name].flags[0] if name in BY_NAME else f"--{name.replace('_', '-')}"


def _label(path: Location, value: str | None) -> str:
    return f"{flag_of(path[0])} {value}"
