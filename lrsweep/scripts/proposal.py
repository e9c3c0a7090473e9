"""A first `sweep.toml` for a script: which of its parameters to search, and where."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lrsweep.analysis.search_ranges import search_range
from lrsweep.errors import PlanError
from lrsweep.scripts import Parameter, Script, read_script
from lrsweep.scripts.budget import SMOKE_TRIALS, tenth
from lrsweep.scripts.metric_names import metric_names
from lrsweep.scripts.searching import (
    around,
    batch_size,
    budget,
    endless,
    learning_rates,
    optimizer_choices,
    range_text,
    searched,
)
from lrsweep.scripts.styles import example
from lrsweep.space.values import plain_number
from lrsweep.terms import direction_of, is_optimizer

_SCRIPT_NAMES = re.compile(r"(train|main|run|finetune|fit)", re.I)
# Worth a search once the rate is found; never searched unasked.
_LATER = {
    "weight_decay": "1e-6:1e-1",
    "wd": "1e-6:1e-1",
    "momentum": "0.8:0.99",
    "dropout": "0:0.5",
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """The text of a `sweep.toml`, and what to say about it."""

    text: str
    remarks: tuple[str, ...]


def find_script(folder: Path) -> Path:
    """The one training script in `folder`; raises `PlanError` where that is not certain."""
    scripts = sorted(path for path in folder.glob("*.py") if not path.name.startswith("test_"))
    likely = [path for path in scripts if _SCRIPT_NAMES.match(path.name)] or scripts
    if len(likely) == 1:
        return likely[0]
    names = ", ".join(path.name for path in likely)
    raise PlanError(
        f"which of these is the training script? {names}" if names else "there is no script here",
        hint=f"lrsweep init {likely[0].name if names else 'train.py'}",
    )


def propose(path: Path, folder: Path) -> Proposal:
    """A `sweep.toml`, to stand in `folder`, for the script at `path`, which is read and not run.

    Raises `PlanError` where the script cannot be read.
    """
    if not path.is_file():
        raise PlanError(f"there is no script {path}", hint="lrsweep init train.py")
    script = read_script(path)
    if script.source is None:
        raise PlanError(script.why, hint="only Python scripts can be read; any command can be run")
    text = "\n".join(_lines(script, os.path.relpath(path, folder))) + "\n"
    return Proposal(text, tuple(_remarks(script)))


def _remarks(script: Script) -> Iterator[str]:
    style = script.style or "argparse"
    count = len(script.parameters)
    known = f"{count or 'no'} parameter{'' if count == 1 else 's'} found"
    yield (
        f"{script.why}: {example(style)}; {known}"
        if not script.reads_nothing
        else (
            f"{script.why}: let it read those that are to be searched,"
            " for example from lrsweep.current_trial().params"
        )
    )
    if (forever := endless(script)) is not None:
        yield (
            f"{forever.name} = {forever.default} trains for ever: write a finite {forever.name}"
            " into [set]"
        )


def _lines(script: Script, relative: str) -> Iterator[str]:
    yield f"script = {json.dumps(relative)}"
    yield from _metric(script)
    yield "trials = 20"
    yield ""
    yield "# What to search: ranges LOW:HIGH, and lists. Learning rates are drawn on a log scale."
    yield "[space]"
    yield from _space(script)
    later = list(_later(script))
    if later:
        yield "# Once the rate is found:"
        yield from later
    length = budget(script)
    if length is not None:
        yield ""
        yield "# The same for every trial."
        yield "[set]"
        yield f"{_key(length.name)} = {json.dumps(length.default)}"
    elif (forever := endless(script)) is not None:
        yield ""
        yield f"# {forever.name} = {forever.default} trains for ever: say how long a trial takes."
        yield "[set]"
        yield f"# {_key(forever.name)} = 1000"
    yield ""
    yield "# Only to see whether all works: lrsweep run sweep.toml --smoke"
    yield "[preset.smoke]"
    yield f"trials = {SMOKE_TRIALS}"
    if length is not None and (number := length.default_number) is not None:
        yield f"set = {{ {_key(length.name)} = {json.dumps(tenth(number))} }}"


def _metric(script: Script) -> Iterator[str]:
    names = metric_names(script)
    if not names:
        yield "# The number to make better: name it as the script reports it."
        yield '# metric = "val_loss"'
        return
    yield f"# The number to make better, as the script reports it{_others(names[1:])}."
    yield f"metric = {json.dumps(names[0])}"
    if direction_of(names[0]) is None:
        yield f"# Is a smaller or a larger {names[0]} better?"
        yield '# direction = "minimize"'


def _others(names: list[str]) -> str:
    return f" (also seen: {', '.join(names[:4])})" if names else ""


def _space(script: Script) -> Iterator[str]:
    found = learning_rates(script)[:1]
    if not found:
        yield "# No parameter of the script is named as a learning rate is; mend this name."
        yield f'lr = "{range_text(*search_range("adam"))}"'
    optimizer, known = optimizer_choices(script)
    for parameter in found:
        yield from _learning_rate(script, parameter, known)
    if len(known) > 1:
        yield f"{_key(optimizer)} = {json.dumps(known)}"
    size = batch_size(script)
    if size is not None and isinstance(size.default, int):
        yield from _batch_size(size.name, size.default)


def _learning_rate(script: Script, parameter: Parameter, known: list[str]) -> Iterator[str]:
    if len(known) > 1:
        yield "# Each optimizer has its own place for the rate."
        for choice in known:
            text = range_text(*around(*search_range(choice.lower()), None))
            yield f'{_key(f"{parameter.name}@{choice}")} = "{text}"'
        return
    rate = searched(script, parameter)
    if rate.default:
        # The script's own rate is inside, with room on both sides.
        kind = ", as for fine-tuning" if rate.fine_tuning else ""
        yield f"# The script's own is {plain_number(rate.default)}{kind}."
    yield f'{_key(parameter.name)} = "{rate.range}"'


def _batch_size(name: str, default: int) -> Iterator[str]:
    yield f"# The script's own is {default}. The best rate moves with the batch size."
    sizes = [size for size in (default // 4, default, default * 4) if size > 0]
    yield f"{_key(name)} = {json.dumps(sizes)}"


def _later(script: Script) -> Iterator[str]:
    for parameter in script.parameters:
        last = parameter.name.rpartition(".")[2]
        if last in _LATER:
            yield f'# {_key(parameter.name)} = "{_LATER[last]}"'
        elif len(parameter.choices) > 1 and not is_optimizer(parameter.name):
            yield f"# {_key(parameter.name)} = {json.dumps(list(parameter.choices))}"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name)
