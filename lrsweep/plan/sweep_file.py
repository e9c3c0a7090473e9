"""`sweep.toml`: what a study is, in a file; bundled studies and users write the same."""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from lrsweep.errors import PlanError
from lrsweep.trial import Direction, ParamValue


def _space_text(value: object) -> object:
    """A range or list in the grammar; TOML's own numbers and lists read as the grammar's."""
    if isinstance(value, list):
        return ",".join(str(item) for item in value)
    return str(value) if isinstance(value, int | float) else value


SpaceText = Annotated[str, BeforeValidator(_space_text)]


class Preset(BaseModel):
    """A named variation of a sweep: `[preset.smoke]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    trials: int | None = Field(default=None, ge=1)
    space: dict[str, SpaceText] = {}
    set: dict[str, ParamValue] = {}


class SweepFile(BaseModel):
    """The content of a `sweep.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    description: str = ""
    script: str | None = None
    command: list[str] | None = None
    args: list[str] = []
    metric: str | None = None
    direction: Direction | None = None
    trials: int | None = Field(default=None, ge=1)
    space: dict[str, SpaceText] = {}
    set: dict[str, ParamValue] = {}
    preset: dict[str, Preset] = {}

    def space_texts(self) -> tuple[str, ...]:
        """The space in the grammar: `lr=1e-5:1`."""
        return tuple(f"{name}={text}" for name, text in self.space.items())


def read_sweep_file(path: Path) -> SweepFile:
    """Read and check `path`; raises `PlanError` naming the key that is wrong."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PlanError(f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PlanError(f"{path} is not valid TOML: {error}") from error
    try:
        file = SweepFile.model_validate(content)
    except ValidationError as error:
        raise _first_error(path, error) from None
    if (file.script is None) == (file.command is None):
        raise PlanError(
            f"{path} must name what a trial runs, once",
            hint='script = "train.py"  or  command = ["python", "train.py", "--lr", "{lr}"]',
        )
    return file


def _first_error(path: Path, error: ValidationError) -> PlanError:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        key = str(first["loc"][-1])
        known: list[str] = [*SweepFile.model_fields] if len(first["loc"]) == 1 else []
        known = known or [*Preset.model_fields]
        near = get_close_matches(key, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
        return PlanError(f"{path}: unknown key {where}", hint=hint)
    shown: Any = first["input"]
    return PlanError(f"{path}: {where} = {shown!r}: {first['msg'][0].lower()}{first['msg'][1:]}")
