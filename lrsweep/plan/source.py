"""Which command the user means: a bundled study, a `sweep.toml`, a script, or any command."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from lrsweep.errors import PlanError
from lrsweep.plan.bundled import bundled_studies, find_bundled
from lrsweep.plan.sweep_file import SweepFile, read_sweep_file

DEFAULT_STUDY = "digits"
_INTERPRETERS = ("python", "python3")
# They start the script that is named among their own arguments.
_LAUNCHERS = ("torchrun", "accelerate", "deepspeed", "uv", "poetry")
_LAUNCHING_MODULES = (("-m", "torch.distributed.run"), ("-m", "accelerate.commands.launch"))


@dataclass(frozen=True, slots=True)
class Source:
    """What to run before any setting is applied.

    `name` is the study's default name, `label` what tells one target from another, `script`
    the script that the user named relative to here, `file` the `sweep.toml` at `path`, where there
    is one.
    """

    name: str
    label: str
    argv: tuple[str, ...]
    cwd: Path
    script: str | None = None
    file: SweepFile | None = None
    path: Path | None = None


def find_source(target: str | None, command: Sequence[str]) -> Source:
    """The source that `target` and the `command` after `--` mean; raises `PlanError`."""
    extra = tuple(command)
    if target is None and extra:
        _check_executable(extra[0])
        return Source(_stem(extra), " ".join(extra), extra, Path.cwd())
    name = target or DEFAULT_STUDY
    path = Path(name)
    if path.suffix == ".py":
        if not os.path.isfile(path):
            raise PlanError(f"there is no script {name}", hint=_near_files(path))
        argv = (sys.executable, str(path), *extra)
        return Source(path.stem, " ".join(("python", *argv[1:])), argv, Path.cwd(), str(path))
    if path.suffix == ".toml":
        if not os.path.isfile(path):
            raise PlanError(f"there is no file {name}", hint=_near_files(path))
        return _of_file(path.absolute(), path.absolute().parent.name, extra)
    bundled = find_bundled(name)
    if bundled is None:
        raise _unknown_study(name)
    return _of_file(bundled, name, extra)


def script_of(argv: Sequence[str], cwd: Path) -> Path | None:
    """The Python script that a command runs; None where that is not certain."""
    program = Path(argv[0]).name
    if program in _LAUNCHERS or tuple(argv[1:3]) in _LAUNCHING_MODULES:
        scripts = [argument for argument in argv[1:] if argument.endswith(".py")][:1]
    elif program not in _INTERPRETERS and Path(argv[0]) != Path(sys.executable):
        scripts = [argv[0]] if program.endswith(".py") else _entry_point(argv[0])
    elif len(argv) > 2 and argv[1] == "-m":
        modules = [folder.joinpath(*argv[2].split(".")) for folder in (cwd, *_installed(argv[0]))]
        scripts = [name for m in modules for name in (f"{m}.py", str(m / "__main__.py"))]
    else:
        scripts = [argument for argument in argv[1:] if not argument.startswith("-")][:1]
    return next((found for name in scripts if os.path.isfile(found := cwd / name)), None)


def _entry_point(program: str) -> list[str]:
    """The file of a program that is a Python script, as pip installs them."""
    found = shutil.which(program)
    try:
        with open(found or "", "rb") as file:
            first = file.readline(200)
    except OSError:
        return []
    return [found] if found and first.startswith(b"#!") and b"python" in first else []


def packages_of(script: Path) -> Path | None:
    """Where the packages lie of which `script`, a program beside an interpreter, is an entry."""
    if script.suffix == ".py":
        return None
    return next(iter(_installed(str(script))), None)


def _installed(program: str) -> list[Path]:
    """The folder of installed packages of the environment that `program` belongs to."""
    found = shutil.which(program)
    folder = Path(found).parent.parent if found else Path()
    return sorted(folder.glob("lib/python3*/site-packages")) if found else []


def _of_file(path: Path, folder_name: str, extra: tuple[str, ...]) -> Source:
    file = read_sweep_file(path)
    name = file.name or folder_name
    if file.script is not None:
        script = path.parent / file.script
        if not os.path.isfile(script):
            raise PlanError(f"{path}: script = {file.script!r} does not exist")
        argv = (sys.executable, str(script), *file.args, *extra)
        return Source(name, " ".join((name, *extra)), argv, Path.cwd(), None, file, path)
    command = (*(file.command or ()), *file.args, *extra)
    _check_executable(command[0])
    label = name if file.name and not extra else " ".join(command)
    return Source(name, label, command, path.parent, None, file, path)


def _check_executable(name: str) -> None:
    if shutil.which(name) is None:
        raise PlanError(
            f"the command {name!r} was not found",
            hint=f"a script that is not executable needs its interpreter: python {name}"
            if os.path.isfile(name)
            else "everything after -- is the command of a trial: -- python train.py --lr {lr}",
        )


def _unknown_study(name: str) -> PlanError:
    known = [study.name for study in bundled_studies()]
    near = get_close_matches(name, known, n=1)
    return PlanError(
        f"there is no bundled study {name!r}; there are: {', '.join(known)}",
        hint=f"did you mean {near[0]}?"
        if near
        else "a script ends in .py; any other command goes after --",
    )


def _stem(command: tuple[str, ...]) -> str:
    """A name for the study of `command`: the script's, else the program's."""
    for argument in command:
        if argument.endswith((".py", ".sh")):
            return Path(argument).stem
    return Path(command[0]).stem


def _near_files(path: Path) -> str | None:
    folder = path.parent if os.path.isdir(path.parent) else Path()
    names = [p.name for p in folder.glob(f"*{path.suffix}")]
    near = get_close_matches(path.name, names, n=1)
    return f"did you mean {folder / near[0]}?" if near else None
