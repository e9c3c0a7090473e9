"""Every command explains itself, and the pages say what the program says."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.main

from lrsweep.analysis.schedules import NAMES, SHAPES, Plateau, Schedule
from lrsweep.analysis.search_ranges import SEARCH_RANGES
from lrsweep.cli.main import app

CHECKOUT = Path(__file__).parents[2]


def commands() -> dict[str, Any]:
    """Every command of the command line by name, the whole under "lrsweep"."""
    group: Any = typer.main.get_command(app)
    context = group.make_context("lrsweep", [], resilient_parsing=True)
    below = {name: group.get_command(context, name) for name in group.list_commands(context)}
    return {"lrsweep": group, **below}


@pytest.mark.parametrize("name", commands())
def test_every_command_and_every_option_has_help(name: str) -> None:
    command = commands()[name]
    assert command.help
    assert [parameter.name for parameter in command.params if not parameter.help] == []


def test_the_page_of_the_command_line_is_up_to_date() -> None:
    generator = CHECKOUT / "docs/generate_reference.py"
    done = subprocess.run(
        [sys.executable, str(generator), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_make_target_that_a_page_names_exists() -> None:
    pages = [(CHECKOUT / page).read_text("utf-8") for page in ("README.md", "CONTRIBUTING.md")]
    targets = re.findall(r"^([a-z]+):", (CHECKOUT / "Makefile").read_text("utf-8"), re.MULTILINE)
    named = re.findall(r"(?:^|`)make (?:[A-Z]+=\S+ )?([a-z]+)", "\n".join(pages), re.MULTILINE)
    assert {"sweep", "test"} <= set(targets)
    assert set(named) - set(targets) == set()


def test_the_architecture_page_names_every_package() -> None:
    page = (CHECKOUT / "docs/architecture.md").read_text("utf-8")
    package = CHECKOUT / "lrsweep"
    names = [path.stem for path in package.glob("[!_]*.py")]
    names += [path.parent.name for path in package.glob("*/__init__.py")]
    assert [name for name in names if not re.search(rf"\b{name}(\.py|/)", page)] == []


def test_the_page_on_training_has_every_optimizer_with_its_ranges() -> None:
    page = (CHECKOUT / "docs/training.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| .+ \| (.+) … (.+) \| (.+) … (.+) \|$", page, re.MULTILINE)
    assert {name: tuple(map(float, ends)) for name, *ends in rows} == {
        name: (*known.from_scratch, *known.fine_tuning) for name, known in SEARCH_RANGES.items()
    }


def test_the_page_on_training_has_every_schedule_with_its_settings() -> None:
    page = (CHECKOUT / "docs/training.md").read_text("utf-8")
    table = page[page.index("| schedule |") : page.index("`--warmup` goes")]
    texts = re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)
    spelled = {schedule.name: schedule.settings for schedule in map(Schedule.parse, texts)}
    assert list(spelled) == list(NAMES)
    for name, settings in spelled.items():
        known = inspect.signature(SHAPES.get(name, Plateau)).parameters.values()
        assert settings == {parameter.name: parameter.default for parameter in known}


def test_the_script_on_the_page_on_training_runs(tmp_path: Path) -> None:
    page = (CHECKOUT / "docs/training.md").read_text("utf-8")
    found = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert found is not None
    (tmp_path / "train.py").write_text(found[1])
    flags = ["--lr", "0.01", "--epochs", "1", "--evaluations", "1"]
    done = subprocess.run(
        [sys.executable, "train.py", *flags],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("step 1  val_loss ")
