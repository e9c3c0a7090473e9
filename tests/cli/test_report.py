"""The reading commands on a real study, whose trials were real processes."""

from __future__ import annotations

import csv
import io
import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lrsweep.cli.main import main
from tests.cli.terminal import in_terminal, lrsweep

SCRIPT = """
import argparse
import sys
import lrsweep

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
lr = parser.parse_args().lr
trial = lrsweep.current_trial()
print(f"training with {lr}")
if lr == 0.5:
    sys.exit("no such data")
for epoch in (1, 2, 3):
    loss = float("nan") if lr > 1 and epoch > 1 else abs(lr - 0.01) + 1 / epoch
    print(f"epoch {epoch}", flush=True)
    trial.report(epoch, val_loss=loss, val_accuracy=1 / (1 + loss))
"""


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a study of five trials: three completed, one diverged, one crashed."""
    folder = tmp_path_factory.mktemp("swept")
    (folder / "train.py").write_text(SCRIPT)
    space = ("-s", "lr=0.0001,0.01,0.1,0.5,2.0", "--sampler", "grid", "--study", "my study")
    done = lrsweep(folder, "run", "train.py", *space, "--metric", "val_loss", "-q", "-j", "2")
    assert done.returncode == 0, done.stderr
    return folder


Said = Callable[..., str]


@pytest.fixture
def out(swept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    """What `lrsweep ARGUMENTS`, run in this process, prints; it must succeed and say no more."""
    monkeypatch.chdir(swept)

    def run(*arguments: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        captured = capsys.readouterr()
        assert (ended.value.code or 0, captured.err) == (0, "")
        return captured.out

    return run


@pytest.fixture
def refused(
    swept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Said:
    """What bad input is told: exit code 2, and nothing on standard output."""
    monkeypatch.chdir(swept)

    def run(*arguments: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        captured = capsys.readouterr()
        assert (ended.value.code, captured.out) == (2, "")
        return captured.err

    return run


def test_the_newest_study_is_reported(out: Said) -> None:
    text = out("report")
    assert "5: 3 completed, 1 diverged, 1 crashed" in text
    assert "val_loss against lr" in text
    assert "1 of 4 trials diverged (25 %): all from lr 2 up, none up to 0.1." in text


def test_the_best_command_of_the_report_runs_by_itself(out: Said, swept: Path) -> None:
    lines = out("report").splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("Best command"))
    done = subprocess.run(
        shlex.split(lines[at + 1]), cwd=swept, capture_output=True, text=True, check=True
    )
    assert "training with 0.01" in done.stdout


def test_the_lines_to_copy_work(out: Said) -> None:
    commands = [line for line in out("report").splitlines() if line.startswith("  lrsweep ")]
    running = (" run ", " confirm ")
    looking = [shlex.split(c)[1:] for c in commands if not any(one in c for one in running)]
    assert {arguments[0] for arguments in looking} == {"show", "logs"}
    for arguments in looking:
        assert out(*arguments)


def test_json_csv_and_markdown(out: Said) -> None:
    document = json.loads(out("report", "my study", "--format", "json"))
    assert document["trials"] == {"completed": 3, "diverged": 1, "crashed": 1}
    assert document["best"]["params"] == {"lr": 0.01}
    table = list(csv.DictReader(io.StringIO(out("report", "--format", "csv"))))
    assert {line["outcome"] for line in table} == {"completed", "diverged", "crashed"}
    assert out("report", "--format", "markdown").startswith("# my study\n")


def test_top_and_sort(out: Said) -> None:
    text = out("report", "--format", "csv", "--top", "2", "--sort", "lr:desc")
    assert [line["lr"] for line in csv.DictReader(io.StringIO(text))] == ["2.0", "0.5"]


@pytest.mark.parametrize("form", ["table", "json", "csv", "markdown"])
def test_output_goes_to_the_file_alone(form: str, out: Said, tmp_path: Path) -> None:
    file = tmp_path / "the report"
    assert out("report", "--format", form, "--output", str(file)) == ""
    assert file.read_text(encoding="utf-8") == out("report", "--format", form)


def test_output_to_where_nothing_can_be_written_is_refused(refused: Said, tmp_path: Path) -> None:
    assert "is a directory" in refused("report", "--output", str(tmp_path))
    gone = str(tmp_path / "gone" / "x.txt")
    assert "cannot be written: No such file or directory" in refused("report", "-o", gone)


def test_what_does_not_exist_is_named_with_what_does(
    refused: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "there are: my study" in refused("report", "mine")
    assert "did you mean val_loss?" in refused("report", "--sort", "val_los")
    assert "it has 0 to 4" in refused("show", "9")
    assert "did you mean digits?" in refused("studies", "digit")
    monkeypatch.chdir(tmp_path)
    assert "there is no study database" in refused("report")
    assert not (tmp_path / "lrsweep.db").exists()


def test_list_names_each_study(out: Said) -> None:
    heading, line = out("list").splitlines()
    assert heading.split() == ["study", "objective", "best", "completed", "wall", "created"]
    assert line.startswith("my study  val_loss, minimize  0.3333     3 of 5")


def test_show_tells_one_trial_whole(out: Said) -> None:
    text = out("show", "1")
    assert "number 1 of 3 completed" in text
    assert "val_loss by step" in text
    assert "epoch 3" in text
    assert "train.py" in text.splitlines()[-3]


def test_show_says_why_a_trial_crashed(out: Said) -> None:
    assert "no such data" in out("show", "3")


def test_logs_print_what_the_trial_wrote(out: Said) -> None:
    assert out("logs", "1") == "training with 0.01\nepoch 1\nepoch 2\nepoch 3\n"
    assert out("logs", "1", "--tail", "2") == "epoch 2\nepoch 3\n"
    assert out("logs", "1", "--follow", "--tail", "1") == "epoch 3\n"
    assert out("logs", "3", "--stderr") == "no such data\n"


def test_an_empty_log_is_said_to_be_empty(swept: Path) -> None:
    done = lrsweep(swept, "logs", "1", "--stderr")
    assert (done.stdout, done.stderr) == ("", "trial 1 wrote nothing to stderr.log\n")


def test_the_bundled_studies_are_listed_and_shown(out: Said) -> None:
    assert "digits" in out("studies")
    assert "lrsweep run digits" in out("studies", "digits")


# -- terminals and pipes ------------------------------------------------------------------------


def test_a_pipe_gets_no_colours_and_the_width_it_asks_for(swept: Path) -> None:
    text = lrsweep(swept, "report", COLUMNS="60").stdout
    assert "\x1b" not in text
    plot = [line for line in text.splitlines() if "│" in line or "┤" in line]
    assert max(map(len, plot)) <= 60


@pytest.mark.parametrize("columns", [80, 140])
def test_a_terminal_shows_the_plot_as_wide_as_it_is(swept: Path, columns: int) -> None:
    lines = in_terminal(swept, "report", columns=columns, rows=80)
    axis = next(line for line in lines if "└" in line)
    assert columns * 0.7 < len(axis) <= columns
    assert not any(line.endswith("…") for line in lines)


def test_a_terminal_of_ascii_alone_is_readable(swept: Path) -> None:
    text = lrsweep(swept, "report", PYTHONIOENCODING="ascii").stdout
    assert "choice  0.0001, 0.01" in text
    assert "o completed   x diverged   @ best" in text
    assert "?" not in text


def test_a_pipe_that_closes_early_is_no_error(swept: Path) -> None:
    for arguments in (["report"], ["report", "--format", "json"], ["logs", "1"]):
        process = subprocess.Popen(
            [sys.executable, "-m", "lrsweep.cli.main", *arguments],
            cwd=swept,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
        process.stderr.close()
        assert process.wait() == 0
