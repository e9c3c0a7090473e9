"""Every parameter reaches the command, the environment or a file, or the plan is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrsweep.errors import PlanError
from lrsweep.trial import Params
from tests.plan.planner import Planner

FACTS: Params = {"trial": 3, "seed": 7, "dir": "/runs/3", "study": "s"}


def test_without_a_placeholder_parameters_are_appended(plan: Planner) -> None:
    target = plan(None, "python", "train.py", "--out", "{dir}").target
    argv = target.render({"lr": 1.0}, FACTS)
    assert argv == ("python", "train.py", "--out", "/runs/3", "--lr", "1.0")


def test_options_are_spelled_as_the_script_spells_them(plan: Planner) -> None:
    target = plan(space=["batch_size=16,64"]).target
    assert target.render({"batch_size": 16}, FACTS)[-2:] == ("--batch-size", "16")


def test_placeholders_stand_anywhere_in_an_argument(plan: Planner) -> None:
    target = plan(None, "echo", "optim.lr={lr}", "{trial}-{seed}-{study}", "{{lr}}").target
    assert target.render({"lr": 0.5}, FACTS) == ("echo", "optim.lr=0.5", "3-7-s", "{lr}")


def test_values_never_pass_through_a_shell(plan: Planner) -> None:
    target = plan(None, "echo", "--x={lr}", space=["lr=1,2"]).target
    value = "a b'c\"d\n$(touch x)"
    assert target.render({"lr": value}, FACTS) == ("echo", f"--x={value}")


def test_an_absent_parameter_takes_its_option_along(plan: Planner) -> None:
    space = ["opt=sgd,adam", "lr=1e-3:1", "momentum@sgd=0:0.9"]
    command = ("echo", "--opt", "{opt}", "--momentum", "{momentum}", "--lr={lr}")
    target = plan(None, *command, space=space).target
    assert target.render({"opt": "adam", "lr": 0.1}, FACTS) == (
        ("echo", "--opt", "adam", "--lr=0.1")
    )


def test_an_environment_variable_is_a_place_for_a_parameter(plan: Planner) -> None:
    target = plan(env=["RATE={lr}", "OUT={dir}/x"]).target
    assert target.environment({"lr": 0.1}, FACTS) == {"RATE": "0.1", "OUT": "/runs/3/x"}
    assert target.render({"lr": 0.1}, FACTS)[1:] == ("train.py",)


def test_an_asked_for_style_appends_what_has_no_place(plan: Planner) -> None:
    space = ["lr=1e-3:1", "wd=0.0,0.1"]
    target = plan(None, "echo", "--lr={lr}", space=space, args_style="hydra").target
    assert target.render({"lr": 0.1, "wd": 0.0}, FACTS) == ("echo", "--lr=0.1", "wd=0.0")


def test_the_style_none_appends_nothing(plan: Planner) -> None:
    target = plan(args_style="none").target
    assert target.render({"lr": 0.1}, FACTS)[1:] == ("train.py",)


@pytest.mark.parametrize(
    ("command", "said", "sentence"),
    [
        (("echo", "{lrr}"), {}, "there is no such parameter; known: lr, trial, seed, dir, study"),
        (("echo", "{lr"), {}, "a single '{' in the argument '{lr'"),
        (("echo", "lr}"), {}, "a single '}'"),
        (("echo", "{lr}"), {"space": ["lr=1:2", "wd=0:1"]}, "'wd' reaches the command nowhere"),
        (("echo", "{config}"), {}, "there is no such parameter"),
        (("echo",), {"env": ["RATE={rate}"]}, "{rate}, but there is no such parameter"),
        (("echo",), {"env": ["RATE"]}, "--env 'RATE' is not NAME=VALUE"),
        (("echo",), {"workdir": "gone"}, "--workdir gone: there is no such folder"),
        (("echo",), {"isolate": "worktree"}, "in no git repository"),
        (("echo",), {"isolate": "box"}, "--isolate 'box' is not one of copy, worktree"),
        (("echo",), {"args_style": "hydro"}, "--args 'hydro' is not one of argparse, hydra"),
        (("echo",), {"template": "c.yaml"}, "c.yaml cannot be read"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    plan: Planner, command: tuple[str, ...], said: dict[str, object], sentence: str
) -> None:
    with pytest.raises(PlanError) as caught:
        plan(None, *command, **said)
    assert sentence in caught.value.message


def test_a_template_takes_the_parameters_and_gives_its_path(plan: Planner, folder: Path) -> None:
    (folder / "c.yaml").write_text("lr: 0.1\nwidth: 3\n")
    target = plan(None, "echo", "{config}", template="c.yaml").target
    assert target.render({"lr": 1.0}, {**FACTS, "config": "/runs/3/c"}) == ("echo", "/runs/3/c")
    assert target.config({"lr": 1.0}, FACTS) == "lr: 1.0\nwidth: 3\n"


def test_a_template_that_reaches_the_command_nowhere_is_refused(
    plan: Planner, folder: Path
) -> None:
    (folder / "c.yaml").write_text("lr: 0.1\n")
    with pytest.raises(PlanError, match="reaches the command nowhere"):
        plan(None, "echo", template="c.yaml")


def test_a_parameter_that_the_template_does_not_have_is_refused(
    plan: Planner, folder: Path
) -> None:
    (folder / "c.yaml").write_text("optim:\n  lr: 0.1\n")
    with pytest.raises(PlanError, match="'lr' is no key") as caught:
        plan(None, "echo", "{config}", template="c.yaml")
    assert caught.value.hint == "did you mean optim.lr?"


def test_a_script_stays_the_one_that_was_named_when_trials_run_elsewhere(
    plan: Planner, folder: Path
) -> None:
    (folder / "elsewhere").mkdir()
    target = plan(workdir="elsewhere").target
    assert target.argv[1] == str(folder / "train.py")
    assert target.cwd == str(folder / "elsewhere")
