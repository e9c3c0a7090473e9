"""`sweep.toml`: what a study is, in a file; bundled studies and users write the same."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import Field

from lrsweep.errors import PlanError
from lrsweep.settings import Settings
from lrsweep.settings.checking import check
from lrsweep.settings.toml_file import TomlFile

Said = TypeVar("Said", bound=Settings)


class SweepFile(Settings):
    """The content of a `sweep.toml`: what a trial runs, settings, and presets that vary them."""

    description: str = Field(default="", description="What is swept, in one line.")
    name: str | None = Field(
        default=None, description="What the target is called. Default: the folder's name."
    )
    script: str | None = Field(
        default=None, description="The Python script that a trial runs, beside this file."
    )
    command: Annotated[list[str], Field(min_length=1)] | None = Field(
        default=None, description="The command that a trial runs, one argument an item."
    )
    args: list[str] = Field(
        default_factory=list, description="Arguments that every trial gets; {seed} and so on."
    )
    preset: Mapping[str, Settings] = Field(
        default_factory=dict, description="Named variations: [preset.smoke], --preset smoke."
    )

    def preset_named(self, name: str, path: Path) -> Settings:
        """The preset `name`; raises `PlanError` where the file at `path` has none."""
        if name in self.preset:
            return self.preset[name]
        known = list(self.preset)
        near = get_close_matches(name, known, n=1)
        raise PlanError(
            f"{path} has no preset {name!r}; it has: {', '.join(known) or 'none'}",
            hint=f"did you mean {near[0]}?" if near else f"add a table [preset.{name}]",
        )


def read_sweep_file(path: Path) -> SweepFile:
    """Read and check `path`; raises `PlanError` naming the line and the key that is wrong.

    Paths in it are relative to its folder, and absolute in the value.
    """
    try:
        toml = TomlFile.read(path)
    except FileNotFoundError as error:
        raise PlanError(f"cannot read {path}: {error.strerror}") from error
    file = check(SweepFile, toml.content, toml.label)
    if (file.script is None) == (file.command is None):
        raise PlanError(
            f"{path} must name what a trial runs, once",
            hint='script = "train.py"  or  command = ["python", "train.py", "--lr", "{lr}"]',
        )
    presets = {name: _from_folder(preset, path.parent) for name, preset in file.preset.items()}
    return _from_folder(file, path.parent).replaced(preset=presets)


def _from_folder(said: Said, folder: Path) -> Said:
    """`said` with its paths of input files taken from `folder`."""
    paths = {name: getattr(said, name) for name in ("template", "workdir", "points")}
    return said.replaced(**{n: str(folder / path) for n, path in paths.items() if path is not None})
