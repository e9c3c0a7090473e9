"""A first `sweep.toml` for a script: which of its parameters to search, and where."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lrsweep.analysis.search_ranges import SEARCH_RANGES, search_range
from lrsweep.errors import PlanError
from lrsweep.scripts import Parameter, Script, read_script
from lrsweep.scripts.budget import BUDGETS, SMOKE_TRIALS, tenth
from lrsweep.scripts.metric_names import metric_names
from lrsweep.scripts.styles import example
from lrsweep.space.values import plain_number
from lrsweep.terms import is_batch_size, is_learning_rate, is_optimizer

_SCRIPT_NAMES = re.compile(r"(train|main|run|finetune|fit)", re.I)
# Worth a search once the rate is found; never searched unasked.
_LATER = {
    "weight_decay": "1e-6:1e-1",
    "wd": "1e-6:1e-1",
    "momentum": "0.8:0.99",
    "dropout": "0:0.5",
}
# What is known of a rate where the script does not say which optimizer it drives.
_ANY_OPTIMIZER = "adam"
# Rates below are chosen for weights that are trained already.
_FINE_TUNING = 1e-4


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
    style = script.style or "argparse"
    count = len(script.parameters)
    known = f"{count or 'no'} parameter{'' if count == 1 else 's'} found"
    return Proposal(text, (f"{script.why}: {example(style)}; {known}",))


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
    budget = _budget(script)
    if budget is not None:
        yield ""
        yield "# The same for every trial."
        yield "[set]"
        yield f"{_key(budget.name)} = {json.dumps(budget.default)}"
    yield ""
    yield "# Only to see whether all works: lrsweep run sweep.toml --smoke"
    yield "[preset.smoke]"
    yield f"trials = {SMOKE_TRIALS}"
    if budget is not None and isinstance(budget.default, int | float):
        yield f"set = {{ {_key(budget.name)} = {json.dumps(tenth(budget.default))} }}"


def _metric(script: Script) -> Iterator[str]:
    names = metric_names(script)
    if names:
        yield f"# The number to make better, as the script reports it{_others(names[1:])}."
        yield f"metric = {json.dumps(names[0])}"
    else:
        yield "# The number to make better: name it as the script reports it."
        yield '# metric = "val_loss"'


def _others(names: list[str]) -> str:
    return f" (also seen: {', '.join(names[:4])})" if names else ""


def _space(script: Script) -> Iterator[str]:
    found = [p for p in script.parameters if is_learning_rate(p.name)]
    if not found:
        yield "# No parameter of the script is named as a learning rate is; mend this name."
        yield f'lr = "{_range(*search_range(_ANY_OPTIMIZER))}"'
    optimizer = next((p for p in script.parameters if is_optimizer(p.name)), None)
    known = [c for c in optimizer.choices if c.lower() in SEARCH_RANGES] if optimizer else []
    for parameter in found:
        yield from _learning_rate(parameter, optimizer, known)
    if optimizer is not None and len(known) > 1:
        yield f"{_key(optimizer.name)} = {json.dumps(known)}"
    for parameter in script.parameters:
        if is_batch_size(parameter.name) and isinstance(parameter.default, int):
            yield from _batch_size(parameter.name, parameter.default)


def _learning_rate(
    parameter: Parameter, optimizer: Parameter | None, known: list[str]
) -> Iterator[str]:
    default = parameter.default if isinstance(parameter.default, int | float) else None
    if len(known) > 1:
        yield "# Each optimizer has its own place for the rate."
        for choice in known:
            text = _range(*search_range(choice.lower()))
            yield f'{_key(f"{parameter.name}@{choice}")} = "{text}"'
        return
    driving = str(optimizer.default).lower() if optimizer else ""
    fine_tuning = default is not None and 0 < default < _FINE_TUNING
    low, high = search_range(
        driving if driving in SEARCH_RANGES else _ANY_OPTIMIZER,
        "fine-tuning" if fine_tuning else "from-scratch",
    )
    if default:
        # The script's own rate is inside, with room on both sides.
        low, high = min(low, default / 10), max(high, default * 10)
        kind = ", as for fine-tuning" if fine_tuning else ""
        yield f"# The script's own is {plain_number(default)}{kind}."
    yield f'{_key(parameter.name)} = "{_range(low, high)}"'


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


def _budget(script: Script) -> Parameter | None:
    found = (script.parameter(name) for name in BUDGETS)
    return next((p for p in found if p is not None and isinstance(p.default, int | float)), None)


def _range(low: float, high: float) -> str:
    return f"{plain_number(float(f'{low:.0e}'))}:{plain_number(float(f'{high:.0e}'))}"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name)
