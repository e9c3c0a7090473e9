"""A TOML file of settings: read once, its faults told with their lines."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lrsweep.errors import PlanError
from lrsweep.settings.checking import Location
from lrsweep.settings.toml_lines import line_of


@dataclass(frozen=True, slots=True)
class TomlFile:
    """The text at `path` and what it holds."""

    path: Path
    text: str
    content: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> TomlFile:
        """Raises `FileNotFoundError`, and `PlanError` where it cannot be read or is no TOML."""
        try:
            text = path.read_text(encoding="utf-8")
            return cls(path, text, tomllib.loads(text))
        except FileNotFoundError:
            raise
        except OSError as error:
            raise PlanError(f"cannot read {path}: {error.strerror}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise PlanError(f"{path} is not valid TOML: {error}") from error

    def label(self, key: Location, value: str | None) -> str:
        """The setting at `key` with its `value` and its line; None where there is no such one."""
        dotted = ".".join(key)
        said = f"unknown key {dotted}" if value is None else f"{dotted} = {value}"
        return f"{self.path}, line {line_of(self.text, key)}: {said}"
