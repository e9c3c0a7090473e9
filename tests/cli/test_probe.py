"""One run of a command tells how to sweep it."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.terminal import in_terminal, lrsweep

ZOO = Path(__file__).parents[1] / "zoo"


def probed(folder: Path, *arguments: str, **env: str) -> dict[str, Any]:
    """The JSON document of a probe that succeeds."""
    done = lrsweep(folder, "probe", *arguments, **env)
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def printing(*lines: str) -> tuple[str, ...]:
    """A command that prints `lines`."""
    return ("--", "printf", r"%s\n", *lines)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a script of argparse's kind and one of nanoGPT's."""
    for name in ("mnist.py", "nanogpt.py", "configurator.py", "csv_only.py"):
        shutil.copy(ZOO / name, tmp_path)
    return tmp_path


def test_the_last_line_sweeps_the_script(folder: Path) -> None:
    space = ("-s", "learning_rate=1e-3:1e-1", "--set", "max_iters=100")
    document = probed(folder, "nanogpt.py", *space, "--json")
    assert document["args"]["style"] == "keyvalue"
    assert document["run"] == (
        "lrsweep run nanogpt.py --set max_iters=100 --metric val_loss --direction minimize"
        " --space learning_rate=1e-3:1e-1"
    )
    done = lrsweep(folder, *shlex.split(document["run"])[1:], "-n", "2", "-q", "--json")
    assert json.loads(done.stdout)["trials"] == {"completed": 2}, done.stderr


def test_it_runs_what_a_sweep_would_run_first(folder: Path) -> None:
    options = ("-s", "lr=1e-4:1", "--set", "epochs=2", "--", sys.executable, "mnist.py")
    command = shlex.join(probed(folder, "--json", *options)["command"])
    dry = lrsweep(folder, "run", "--metric", "test_loss", "--dry-run", *options)
    assert dry.stdout.partition("first commands\n")[2].splitlines()[0].strip() == command


def test_every_metric_is_told_with_its_direction_and_steps(folder: Path) -> None:
    document = probed(folder, "mnist.py", "--set", "epochs=3", "--json")
    metrics = {metric["name"]: metric for metric in document["metrics"]}
    loss, accuracy = metrics["test_set/average_loss"], metrics["test_set/accuracy"]
    assert (loss["direction"], accuracy["direction"]) == ("minimize", "maximize")
    assert (loss["axis"], loss["first_step"], loss["last_step"]) == ("epoch", 1, 3)
    assert loss["points"] == 3
    assert [m["name"] for m in document["metrics"] if m["objective"]] == [
        "test_set/average_loss",
        "test_set/accuracy",
    ]


def test_a_metric_that_is_asked_for_is_no_question(folder: Path) -> None:
    options = ("--set", "epochs=2", "--metric", "test accuracy")
    done = lrsweep(folder, "probe", "mnist.py", *options)
    assert "Several" not in done.stdout
    assert "--metric 'test accuracy'" in done.stdout
    assert done.stdout.splitlines()[-1].endswith("--space lr=0.0001:10")


def test_a_name_that_tells_no_direction_is_said_to_tell_none(tmp_path: Path) -> None:
    done = lrsweep(tmp_path, "probe", *printing("epoch 1 score: 0.5", "epoch 2 score: 0.7"))
    assert "Whether a smaller score is better, its name does not say." in done.stdout
    assert "Sweep it, where lower is better" in done.stdout
    assert "Sweep it, where higher is better" in done.stdout


def test_several_objectives_are_a_question_that_fits_a_terminal(folder: Path) -> None:
    lines = in_terminal(folder, "probe", "mnist.py", "--set", "epochs=2", columns=80)
    [line] = [line for line in lines if line.startswith("test_set/average_loss")]
    assert "lower" in line
    assert line.endswith("stdout.log")
    question = "Several may be the objective: test_set/average_loss and test_set/accuracy."
    assert question in " ".join(lines)


def test_what_a_script_reports_by_itself_is_believed(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(
        "import lrsweep\n"
        "print('loss: 7.0')\n"
        "lrsweep.current_trial().report(3, val_loss=0.5, lr=0.1)\n"
    )
    document = probed(tmp_path, "train.py", "--json")
    assert [(m["name"], m["last_step"]) for m in document["metrics"]] == [("val_loss", 3)]


def test_files_of_this_run_are_read_and_those_of_earlier_ones_are_not(folder: Path) -> None:
    (folder / "old.csv").write_text("step,val_loss\n1,0.1\n2,0.1\n")
    files = ("--metric-file", "*.csv", "--metric-file", "{dir}/metrics.csv")
    document = probed(
        folder, "csv_only.py", *files, "-s", "lr=0.01", "--json", "--", "--output", "{dir}"
    )
    loss = document["metrics"][0]
    assert (loss["name"], loss["source"]) == ("val_loss", "{dir}/metrics.csv")
    assert (loss["points"], loss["last_step"]) == (10, 40)


def test_a_command_that_runs_too_long_is_judged_by_what_it_printed(tmp_path: Path) -> None:
    shell = ("--", "sh", "-c", "echo epoch 1 val_loss: 0.5; exec sleep 300")
    document = probed(tmp_path, "--timeout", "1s", "--json", *shell)
    assert document["stopped"]
    assert [metric["name"] for metric in document["metrics"]] == ["val_loss"]


def test_warm_start_is_for_python_scripts(folder: Path) -> None:
    start = probed(folder, "mnist.py", "--set", "epochs=1", "--json")["start"]
    assert start["warm"] is (sys.platform == "linux")
    start = probed(folder, "--json", *printing("val_loss: 0.5"))["start"]
    assert start == {"warm": False, "saved_s": None}


def test_nothing_is_left_behind(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    before, temporary = sorted(folder.iterdir()), tmp_path_factory.mktemp("temporary")
    probed(folder, "mnist.py", "--set", "epochs=1", "--json", TMPDIR=str(temporary))
    assert sorted(folder.iterdir()) == before
    assert list(temporary.iterdir()) == []


def test_a_script_that_fails_is_told_by_its_last_error_line(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("print('val_loss: 0.5')\nopen('data.csv')\n")
    done = lrsweep(tmp_path, "probe", "train.py")
    assert done.returncode == 1
    sentence = "lrsweep: the command failed (exit code 1): FileNotFoundError: [Errno 2]"
    assert done.stderr.startswith(sentence)
    assert len(done.stderr.splitlines()) == 1


def test_a_command_without_a_metric_is_told_how_to_show_one(tmp_path: Path) -> None:
    done = lrsweep(tmp_path, "probe", *printing("hello"))
    assert done.returncode == 1
    assert "nothing that the command prints looks like a metric" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nowhere.py",), "there is no script nowhere.py"),
        (("--", "printf", "{lr}"), "the command has {lr}, but there is no such parameter"),
        (("mnist.py", "-s", "lr=1:0"), "lr"),
        (("mnist.py", "--timeout", "soon"), "--timeout 'soon' is not a duration"),
        (("mnist.py", "--metric-file", "metrics.xls"), "metrics.xls"),
    ],
)
def test_bad_input_is_one_sentence(folder: Path, arguments: tuple[str, ...], sentence: str) -> None:
    done = lrsweep(folder, "probe", *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_a_run_without_a_metric_names_probe(folder: Path) -> None:
    done = lrsweep(folder, "run", "mnist.py", "-s", "lr=0.1,0.2")
    assert done.returncode == 2
    assert "probe" in done.stderr


def test_a_run_in_which_no_trial_showed_the_metric_ends_with_a_probe(folder: Path) -> None:
    options = ("mnist.py", "-s", "lr=0.1,0.2", "--set", "epochs=1", "--metric", "val_map")
    done = lrsweep(folder, "run", *options, "--direction", "maximize", "-q")
    assert done.returncode == 4
    lines = [line.strip() for line in done.stdout.splitlines()]
    assert f"lrsweep probe {shlex.join(options)} --direction maximize -q" in lines
    assert lrsweep(folder, "probe", *options, "--direction", "maximize", "-q").returncode == 0
