"""Where a key stands in a TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence


def line_of(text: str, path: Sequence[str]) -> int | None:
    """The number (from 1) of the line where the key at `path` of a valid TOML text is set.

    The shortest beginning of the text that is TOML and has the key ends with it. None where the
    text has no such key.
    """
    lines = text.splitlines(keepends=True)
    for end in range(1, len(lines) + 1):
        try:
            content = tomllib.loads("".join(lines[:end]))
        except tomllib.TOMLDecodeError:  # in the midst of a list or a text of several lines
            continue
        if _has(content, path):
            return end
    return None


def _has(content: object, path: Sequence[str]) -> bool:
    for part in path:
        if not isinstance(content, dict) or part not in content:
            return False
        content = content[part]
    return True
