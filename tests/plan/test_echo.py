"""Before the first trial the plan says how parameters reach the script."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrsweep.report.plan import plan_lines
from lrsweep.trial import Slot
from tests.plan.planner import Planner


@pytest.mark.parametrize(
    ("target", "command", "said", "echo"),
    [
        ("train.py", (), {}, "--name value  (the script uses argparse)"),
        (
            "train.py",
            (),
            {"fixed": ["momentun=0.9"]},
            "--name value  (the script uses argparse, but shows no momentun)",
        ),
        ("train.py", (), {"args_style": "hydra"}, "name=value  (as --args says)"),
        (
            "bare.py",
            (),
            {},
            "--name value  (the script does not show how it takes them; see --args)",
        ),
        (None, ("echo",), {}, "--name value  (see --args)"),
        (None, ("echo", "{lr}"), {}, "where their placeholders stand"),
        (
            None,
            ("echo", "{config}"),
            {"template": "c.yaml"},
            "set in c.yaml, whose path is {config}",
        ),
    ],
)
def test_how_parameters_arrive(
    plan: Planner,
    folder: Path,
    target: str | None,
    command: tuple[str, ...],
    said: dict[str, object],
    echo: str,
) -> None:
    (folder / "bare.py").write_text("import sys\nprint(sys.argv)\n")
    (folder / "c.yaml").write_text("lr: 0.1\n")
    assert f"args     {echo}" in plan_lines(plan(target, *command, **said), [Slot(0)])


def test_a_folder_of_its_own_is_said(plan: Planner) -> None:
    lines = plan_lines(plan(isolate="copy"), [Slot(0)])
    assert "isolate  each trial in a copy of its folder" in lines


def test_another_template_or_environment_is_another_study(plan: Planner, folder: Path) -> None:
    (folder / "c.yaml").write_text("lr: 0.1\n")
    said: dict[str, object] = {"template": "c.yaml", "env": ["A=b"]}
    first = plan(None, "echo", "{config}", **said).identity()
    assert first == plan(None, "echo", "{config}", **said).identity()
    assert first["environment"] == "A=b"
    (folder / "c.yaml").write_text("lr: 0.2\n")
    assert first["template"] != plan(None, "echo", "{config}", **said).identity()["template"]


def test_options_that_a_library_adds_are_known(plan: Planner) -> None:
    target = plan("digits", space=["lr=1e-5:1", "batch_size=16,32"]).target
    assert target.why == "the script uses lrsweep.train"
    assert target.interface is not None
    assert target.interface.complete
    assert {"lr", "weight_decay", "model"} <= {p.name for p in target.interface.known}
