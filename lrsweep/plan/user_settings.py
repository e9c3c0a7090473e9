"""What a user says of every sweep on a machine: `~/.config/lrsweep.toml`.

It holds settings of the machine (`jobs`, `device`, `gpus`, …) and `storage`; a `sweep.toml`, the
environment and flags say more than it does.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from lrsweep.errors import PlanError
from lrsweep.settings import DECLARED, Settings
from lrsweep.settings.checking import Location, check
from lrsweep.settings.declared import MACHINE
from lrsweep.settings.toml_lines import line_of
from lrsweep.user_file import user_file

KEYS = tuple(one.key for one in DECLARED if one.setting.panel == MACHINE or one.name == "storage")


def user_settings(path: Path | None = None) -> Settings:
    """What the file says; nothing where there is none. Raises `PlanError` naming what is wrong."""
    path = user_file() if path is None else path
    try:
        text = path.read_text(encoding="utf-8")
        content = tomllib.loads(text)
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        raise PlanError(f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PlanError(f"{path} is not valid TOML: {error}") from error

    def label(key: Location, value: str | None) -> str:
        dotted = ".".join(key)
        said = f"unknown key {dotted}" if value is None else f"{dotted} = {value}"
        return f"{path}, line {line_of(text, key)}: {said}"

    settings = check(Settings, content, label)
    other = next((key for key in content if key not in KEYS), None)
    if other is not None:
        raise PlanError(
            f"{label((other,), repr(content[other]))} belongs to a sweep, not to a machine",
            hint=f"say it in a sweep.toml or by a flag; this file may say {', '.join(KEYS)}",
        )
    return settings
