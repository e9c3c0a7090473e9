"""Names of parameters: which are allowed, and how texts are shown in errors."""

from __future__ import annotations

import re

from lrsweep.errors import SpaceError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


def check_name(name: str) -> None:
    """Raises `SpaceError` where `name` cannot name a parameter."""
    if not name:
        raise SpaceError("there is no name before the =", hint="try lr=1e-5:1")
    if not _NAME.fullmatch(name):
        usable = re.sub(r"[^A-Za-z0-9_.-]+", "_", name)
        if not _NAME.fullmatch(usable):
            usable = f"_{usable}"
        raise SpaceError(
            f"the name {shown(name)} may hold only letters, digits, '_', '.' and '-', "
            "and begins with a letter or '_'",
            hint=f"try {usable}=1e-5:1",
        )


def shown(text: str, longest: int = 80) -> str:
    """`text` fit for one line of an error: what does not print is escaped, what is long is cut."""
    line = text if text.isprintable() else repr(text)[1:-1]
    return line if len(line) <= longest else line[: longest - 1] + "…"
