"""What a user says of every sweep on a machine: `~/.config/lrsweep.toml`.

It holds settings of the machine (`jobs`, `device`, `gpus`, …) and `storage`; a `sweep.toml`, the
environment and flags say more than it does.
"""

from __future__ import annotations

from pathlib import Path

from lrsweep.errors import PlanError
from lrsweep.settings import DECLARED, Settings
from lrsweep.settings.checking import check
from lrsweep.settings.declared import MACHINE
from lrsweep.settings.toml_file import TomlFile
from lrsweep.user_file import user_file

KEYS = tuple(one.key for one in DECLARED if one.setting.panel == MACHINE or one.name == "storage")


def user_settings(path: Path | None = None) -> Settings:
    """What the file says; nothing where there is none. Raises `PlanError` naming what is wrong."""
    path = user_file() if path is None else path
    try:
        file = TomlFile.read(path)
    except FileNotFoundError:
        return Settings()
    settings = check(Settings, file.content, file.label)
    other = next((key for key in file.content if key not in KEYS), None)
    if other is not None:
        said = file.label((other,), repr(file.content[other]))
        raise PlanError(
            f"{said} belongs to a sweep, not to a machine",
            hint=f"say it in a sweep.toml or by a flag; this file may say {', '.join(KEYS)}",
        )
    return settings
