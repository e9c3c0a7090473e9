"""Where a user's own settings lie: `~/.config/lrsweep.toml`. Standard library only."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

ENV_FILE = "LRSWEEP_CONFIG"


def user_file(environ: Mapping[str, str] = os.environ) -> Path:
    """The file that `LRSWEEP_CONFIG` names, else `lrsweep.toml` below `XDG_CONFIG_HOME`."""
    named = environ.get(ENV_FILE)
    if named is not None:
        return Path(named)
    folder = environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    return Path(folder, "lrsweep.toml")
