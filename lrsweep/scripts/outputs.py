"""Where a script writes its files, and how each trial gets a place of its own."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

from lrsweep.scripts.interface import Interface
from lrsweep.scripts.parameter import Parameter, plain
from lrsweep.scripts.styles import TABLE

_OUTPUT = re.compile(
    r"(?:.*[._])?(?:(?:out|output|save|log|logging|checkpoint|ckpt|results?|work|run|exp|experiment"
    r"|tensorboard|tb|model|artifacts?|snapshot)s?_?(?:dir|path|folder|directory|root|file|to)"
    r"|out|output|outputs|outdir|logdir|workdir|default_root_dir|save)"
)
_TIME = re.compile(r"\d{2}[-_:h]?\d{2}[-_:m]?\d{2}|\d{10,}")
_NUMBERED = re.compile(r"(?:version|run|exp|lightning_logs|trial)[-_/]?\d+")
# A copy for each trial of more than this takes too long, and too much of the disk.
_LARGEST_COPY = 200 << 20


@dataclass(frozen=True, slots=True)
class Apart:
    """What keeps the files of trials apart: `arguments` of the command, or else an option of run.

    `why` says so in words.
    """

    arguments: tuple[str, ...] = ()
    isolate: bool = False
    one_job: bool = False
    why: str = ""


def keep_apart(files: Sequence[str], interface: Interface | None, copied: int) -> Apart:
    """How trials of a script that wrote `files` into its folder can run beside each other.

    `copied` is how many bytes a copy of the folder has.
    """
    if not files:
        return Apart()
    named = f"{_shown(files)} would be written by every trial"
    is_hydra = interface is not None and interface.style == "hydra"
    if is_hydra and all(re.match(r"(?:outputs|multirun)/", name) for name in files):
        return Apart(("hydra.run.dir={dir}",), why=f"{named}: hydra.run.dir={{dir}}")
    option = _output_option(files, interface)
    if option is not None and interface is not None:
        style = TABLE[option.style or interface.style]
        flag = option.flag or f"{style.flag}{option.name}"
        inside = os.path.basename(str(option.default)) if _is_file(option, files) else ""
        words = style.said(flag, f"{{dir}}/{inside}".rstrip("/"))
        return Apart(words, why=f"{named}: {' '.join(words)}")
    if copied > _LARGEST_COPY:
        return Apart(one_job=True, why=f"{named}, and the folder is too large to copy: one job")
    return Apart(isolate=True, why=f"{named}: --isolate copy")


def _output_option(files: Sequence[str], interface: Interface | None) -> Parameter | None:
    """The option whose default is the place of all of `files`."""
    for parameter in interface.known if interface is not None else ():
        default = parameter.default
        if not isinstance(default, str) or parameter.command:
            continue
        place = os.path.normpath(default)
        if place in (".", "") or not _OUTPUT.fullmatch(plain(parameter.name).lower()):
            continue
        if all(name == place or name.startswith(f"{place}/") for name in files):
            return parameter
    return None


def _is_file(parameter: Parameter, files: Sequence[str]) -> bool:
    return os.path.normpath(str(parameter.default)) in files


def metric_pattern(name: str, apart: Apart, default: str) -> str:
    """How `--metric-file` names the file `name` that a run wrote, once trials are apart.

    `default` is the folder that became the trial's, where an option of the script was set to it.
    """
    inside = os.path.relpath(name, default) if default else name
    pattern = "/".join(
        "*" if _TIME.search(part) or _NUMBERED.fullmatch(part) else part
        for part in inside.split("/")
    )
    pattern = re.sub(r"(events\.out\.tfevents\.).*", r"\1*", pattern)
    return f"{{dir}}/{pattern}" if apart.arguments else pattern


def place_of(apart: Apart, interface: Interface | None, files: Sequence[str]) -> str:
    """The folder of `files` that an argument of `apart` moves into the trial's own."""
    if not apart.arguments:
        return ""
    if apart.arguments[0].startswith("hydra.run.dir"):
        return "/".join(files[0].split("/")[:3])
    option = _output_option(files, interface)
    if option is None:
        return ""
    place = os.path.normpath(str(option.default))
    return os.path.dirname(place) or "." if _is_file(option, files) else place


def _shown(files: Sequence[str]) -> str:
    first = ", ".join(files[:3])
    return f"{first} and {len(files) - 3} more" if len(files) > 3 else first
