"""From a source and its settings to a `Target`: where every parameter goes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lrsweep.errors import PlanError
from lrsweep.plan.data_parallel import with_torchrun
from lrsweep.plan.layers import merged
from lrsweep.plan.options import RunOptions
from lrsweep.plan.placeholders import placeholders
from lrsweep.plan.source import Source, find_source, packages_of, script_of
from lrsweep.plan.target import CONFIG, TRIAL_FACTS, Target
from lrsweep.plan.template import Template
from lrsweep.scripts import Interface, Script, read_script
from lrsweep.scripts.readers.own_arguments import own_style
from lrsweep.settings import Settings


def make_target(source: Source, said: Settings, script: Script | None) -> Target:
    """The target; raises `PlanError` where a file or folder that it names cannot be used."""
    folder = source.cwd if said.workdir is None else _folder(said.workdir)
    target = Target(
        label=source.label,
        argv=_command(source, said, folder, script),
        cwd=str(folder),
        env=tuple(_variable(text) for text in said.env),
        template=None if said.template is None else Template.read(Path(said.template).absolute()),
        isolate=said.isolate,
    )
    if said.isolate == "worktree":
        _check_repository(folder)
    return _with_style(target, said, script)


def script_in(source: Source, said: Settings) -> Script | None:
    """What the script that `source` runs tells of itself; None where there is none."""
    path = script_of(_from_folder(source, folder := Path(said.workdir or source.cwd)), folder)
    return None if path is None else read_script(path, packages=packages_of(path))


def script_of_run(options: RunOptions) -> Script | None:
    """What the script that `options` run tells of itself; None where there is none."""
    source = find_source(options.target, options.command)
    base = [options] if source.file is None else [options, source.file]
    return script_in(source, merged(base))


def _with_style(target: Target, said: Settings, script: Script | None) -> Target:
    known = _interface(target, script)
    if said.args_style is not None:
        known = known if known.style == said.args_style else Interface(said.args_style)
        return replace(target, style=said.args_style, why="as --args says", interface=known)
    placed = set(placeholders(target.texts())) - {*TRIAL_FACTS, CONFIG}
    if target.template is not None:
        where = target.template.path.name
        return replace(target, why=f"set in {where}, whose path is {{config}}")
    if placed:
        return replace(target, why="where their placeholders stand")
    target = replace(target, style=known.style, interface=known)
    if script is not None and script.style is not None:
        return replace(target, why=script.why)
    if own_style(target.argv) is not None:
        return replace(target, why="as the command's own arguments are; see --args")
    return replace(target, why="see --args" if script is None else f"{script.why}; see --args")


def _interface(target: Target, script: Script | None) -> Interface:
    """What is known of the script, or else the style of the arguments that the command has."""
    if script is not None and (script.style is not None or script.reads_nothing):
        return script.interface
    return Interface(own_style(target.argv) or "argparse", label=target.argv[0])


def _command(
    source: Source, said: Settings, folder: Path, script: Script | None
) -> tuple[str, ...]:
    """The command of a trial, before its parameters."""
    argv = _from_folder(source, folder)
    return with_torchrun(argv, script) if said.gpus_per_trial > 1 else argv


def _from_folder(source: Source, folder: Path) -> tuple[str, ...]:
    """The command as it runs in `folder`: a script that was named relative to here stays it."""
    if source.script is None or folder == source.cwd:
        return source.argv
    program, _, *rest = source.argv
    return (program, str(Path(source.script).absolute()), *rest)


def _folder(name: str) -> Path:
    folder = Path(name).absolute()
    if not os.path.isdir(folder):
        raise PlanError(f"--workdir {name}: there is no such folder")
    return folder


def _variable(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise PlanError(f"--env {text!r} is not NAME=VALUE", hint="try --env LEARNING_RATE={lr}")
    return name, value


def _check_repository(folder: Path) -> None:
    command: Sequence[str] = ("git", "-C", str(folder), "rev-parse", "--verify", "HEAD")
    try:
        found = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        found = False
    if not found:
        raise PlanError(
            f"--isolate worktree: {folder} is in no git repository with a commit",
            hint="try --isolate copy",
        )
