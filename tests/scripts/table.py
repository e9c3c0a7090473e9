"""The table of docs/scripts.md: how each value is said to each kind of script.

PYTHONPATH=. python tests/scripts/table.py > docs/scripts.md
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from lrsweep.errors import PlanError
from lrsweep.plan import build_plan, read_flags
from lrsweep.trial import ParamValue
from tests.scripts.programs import PROGRAMS, Program

COLUMNS: tuple[tuple[str, str, ParamValue], ...] = (
    ("float", "learning_rate", 1e-05),
    ("integer", "width", 64),
    ("true", "nesterov", True),
    ("false", "nesterov", False),
    ("None", "drop", None),
    ("list", "layers", "[64, 32]"),
    ("text like a number", "name", "67217e15"),
)
_BEFORE = """# How parameters reach your script

The source of a Python script tells how it takes its arguments; the script is not run for it. Each
value of the space is then written so that the script ends up with that value, and one that cannot
be said is refused before the first trial, as is a name that the script certainly does not have
(with the nearest one). `--args` chooses a style instead; `{lr}` in the command, `--env` and
`--template` put a value where you want it.

This table is made by the tests, which run every script with these values, with the frameworks
themselves, and compare what it got with what the trial recorded. Each script has a float, an
integer, a boolean, an optional float (`drop`), a list and a text. *left out* means that the option
is not given, since the value is then the script's own; *refused* that no argument says it.

"""
_AFTER = """
`null` in a space is None, or an option left out: `-s dropout=null,0.1`. A list is one value when it
is quoted: `-s "layers='[64, 64]','[128]'"`. Options of a subcommand stand after it, those of the
program before it. What has no known options gets `--name value`, or the style that the arguments
after `--` show: `--a=b`, `-lr`, `KEY VALUE`, `key=value`.
"""


def page() -> str:
    """The whole page."""
    head = ["script", *(name for name, *_ in COLUMNS)]
    lines = [head, ["---"] * len(head), *(list(_row(program)) for program in PROGRAMS)]
    return _BEFORE + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n" + _AFTER


def _row(program: Program) -> Iterator[str]:
    yield program.style
    with TemporaryDirectory() as folder:
        before = Path.cwd()
        program.write(Path(folder))
        os.chdir(folder)
        try:
            for _, name, value in COLUMNS:
                yield _cell(program, name, value)
        finally:
            os.chdir(before)


def _cell(program: Program, name: str, value: ParamValue) -> str:
    text = "null" if value is None else f"'{value}'" if isinstance(value, str) else None
    own = program.own(name)
    space = [f"{own}={text or str(value).lower()}"]
    said = {"target": "train.py", "metric": "val_loss", "space": space}
    try:
        plan = build_plan(read_flags(said, program.command, ("lrsweep", "run")))
    except PlanError:
        return "*refused*"
    facts: dict[str, ParamValue] = {"trial": 0, "seed": 0, "dir": "d"}
    without = plan.target.render({}, facts)[2:]
    words = list(plan.target.render({own: value}, facts)[2:])
    for word in without:
        words.remove(word)
    return f"`{shlex.join(words)}`" if words else "*left out*"


if __name__ == "__main__":
    print(page(), end="")
