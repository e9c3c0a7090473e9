"""What a trial records is what the script ends up with, for every way of reading arguments.

Each script is run as a trial runs it, with the frameworks themselves, and says what it got.
"""

from __future__ import annotations

import ast
import subprocess
from itertools import zip_longest
from pathlib import Path

import pytest

from lrsweep.errors import PlanError
from lrsweep.plan import SweepPlan, build_plan, read_flags
from lrsweep.trial import ParamValue
from tests.scripts.programs import PROGRAMS, Program
from tests.scripts.table import page

# Of each name, all values that a script is given one after the other.
VALUES: dict[str, tuple[ParamValue, ...]] = {
    "learning_rate": (1e-05, -0.5, 1.0),
    "width": (64, 1),
    "nesterov": (True, False),
    "name": ("adam", "67217e15", "it's, {x}: [1]", "true"),
    "drop": (0.25, None),
    "layers": ("[64, 32]",),
}
EVERY = [(name, value) for name, values in VALUES.items() for value in values]
STYLES = [pytest.param(program, id=program.style) for program in PROGRAMS]


def written(value: ParamValue) -> str:
    """`value` in the grammar of spaces."""
    if value is None:
        return "null"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value).lower()


def plan(program: Program, params: dict[str, ParamValue]) -> SweepPlan:
    space = [f"{program.own(name)}={written(value)}" for name, value in params.items()]
    said = {"target": "train.py", "metric": "val_loss", "space": space}
    return build_plan(read_flags(said, program.command, ("lrsweep", "run")))


def arrived(folder: Path, program: Program, params: dict[str, ParamValue]) -> dict[str, object]:
    """What the script has after a trial with these values."""
    made = plan(program, params)
    point = next(made.space.grid())
    assert point == {program.own(name): value for name, value in params.items()}
    argv = made.target.render(point, {"trial": 0, "seed": 1, "dir": str(folder)})
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{argv}\n{done.stderr[-1500:]}"
    line = next(line for line in done.stdout.splitlines() if line.startswith("GOT "))
    read: dict[str, object] = ast.literal_eval(line.removeprefix("GOT "))
    return read


@pytest.mark.parametrize("program", STYLES)
def test_what_is_recorded_arrives(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in program.needs:
        pytest.importorskip(package)
    monkeypatch.chdir(tmp_path)
    program.write(tmp_path)
    sayable: dict[str, list[ParamValue]] = {name: [] for name in VALUES}
    refused = []
    for name, value in EVERY:
        try:
            plan(program, {name: value})
        except PlanError:
            refused.append((name, value))
        else:
            sayable[name].append(value)
    assert refused == list(program.refuses)
    wrong = []
    for values in zip_longest(*sayable.values(), fillvalue=...):
        pairs = zip(sayable, values, strict=True)
        params: dict[str, ParamValue] = {k: v for k, v in pairs if v is not ...}
        read = arrived(tmp_path, program, params)
        for name, value in params.items():
            wanted = ast.literal_eval(str(value)) if name == "layers" else value
            got = list(read[name]) if name == "layers" else read[name]  # type: ignore[call-overload]
            if got != wanted or type(got) is not type(wanted):
                wrong.append((name, value, got))
    assert not wrong


@pytest.mark.parametrize("program", STYLES)
def test_a_name_that_the_script_does_not_have_is_refused_with_the_nearest(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    program.write(tmp_path)
    own = program.own("learning_rate")
    said = {"target": "train.py", "space": [f"{own[:-1]}x=1e-3:1"], "metric": "val_loss"}
    with pytest.raises(PlanError, match="has no parameter") as caught:
        build_plan(read_flags(said, program.command, ("lrsweep", "run")))
    assert caught.value.hint == f"did you mean {own}?"


def test_the_page_shows_how_each_value_is_said() -> None:
    assert (Path(__file__).parents[2] / "docs/scripts.md").read_text("utf-8") == page()
