"""`lrsweep find`: real range tests in real processes, kept in a real database and handed on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lrsweep.plan import RunOptions
from lrsweep.range_test.handover import hand_over
from lrsweep.range_test.plan import find_plan
from lrsweep.range_test.recorded import newest_found, read_found
from tests.cli.terminal import in_terminal, lrsweep

ADAM = ("-s", "optimizer=adam", "-s", "batch_size=64")

# A script with flags of its own, which knows nothing of range tests.
LINEAR = """
import argparse
import torch
from lrsweep.train import Examples, Recipe, fit

parser = argparse.ArgumentParser()
parser.add_argument("--learning-rate", type=float, default=0.1)
parser.add_argument("--opt", default="sgd")
args = parser.parse_args()
torch.manual_seed(0)
inputs = torch.randn(500, 20)
targets = inputs @ torch.randn(20, 1) + 0.1 * torch.randn(500, 1)
fit(
    torch.nn.Linear(20, 1),
    Examples(inputs[:400], targets[:400]),
    Examples(inputs[400:], targets[400:]),
    loss=torch.nn.functional.mse_loss,
    recipe=Recipe(lr=args.learning_rate, optimizer=args.opt, epochs=2, evaluations=2),
)
"""
FOREIGN = "import argparse\nargparse.ArgumentParser().parse_args()\nprint('val_loss', 1.0)\n"


@pytest.fixture(scope="module")
def tested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a range test of digits with Adam has run."""
    folder = tmp_path_factory.mktemp("tested")
    done = lrsweep(folder, "find", "digits", *ADAM, COLUMNS="100")
    assert done.returncode == 0, done.stderr
    (folder / "stdout").write_text(done.stdout)
    return folder


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which two optimizers have been compared on a script with its own flags."""
    folder = tmp_path_factory.mktemp("compared")
    (folder / "linear.py").write_text(LINEAR)
    screen = in_terminal(folder, "find", "linear.py", "--per", "opt=sgd,adam", columns=90)
    (folder / "screen").write_text("\n".join(screen))
    return folder


def test_the_curve_the_bracket_and_its_points_are_shown(tested: Path) -> None:
    shown = (tested / "stdout").read_text()
    assert "train_loss (smoothed) against lr  optimizer=adam  batch_size=64" in shown
    assert "━ bracket   ▼ valley   ◆ steepest   ● minimum   × diverged" in shown
    lines = {line.split()[0]: line for line in shown.splitlines() if line.split()}
    assert {"bracket", "middle", "valley", "steepest", "minimum", "diverged"} <= set(lines)
    assert "lrsweep run digits --from-find" in shown


def test_the_bracket_holds_the_best_rate_of_adam_on_digits(tested: Path) -> None:
    (found,) = read_found(f"sqlite:///{tested}/lrsweep.db", "digits-find")
    assert found.params == {"optimizer": "adam", "batch_size": 64}
    assert found.test.bracket is not None
    low, high = found.test.bracket
    assert low < 0.01 < high < (found.test.diverged_at or 0.0)


def test_the_curve_is_recorded_like_any_trials(tested: Path) -> None:
    shown = lrsweep(tested, "show", "0", "--study", "digits-find").stdout
    assert "train_loss by step" in shown
    assert "optimizer" in shown


def test_another_test_of_the_same_target_is_another_study(
    tested: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tested)
    plan = find_plan(RunOptions(target="digits", fixed=("optimizer=sgd",)), (), "1e-6:100:300")
    assert plan.study == "digits-find-2"
    assert plan.sweep_dir == tested / "lrsweep-runs" / "digits-find-2"


def test_a_sweep_begins_where_the_range_test_points(tested: Path) -> None:
    (found,) = read_found(f"sqlite:///{tested}/lrsweep.db", "digits-find")
    quick = ("-n", "3", "-j", "1", "--set", "epochs=1", "-q")
    done = lrsweep(tested, "run", "digits", "--from-find", *quick, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["study"] == "digits-find-sweep"
    report = json.loads(lrsweep(tested, "report", "digits-find-sweep", "-f", "json").stdout)
    trials = sorted(report["rows"], key=lambda row: row["trial"])
    assert [t["params"]["lr"] for t in trials] == pytest.approx(found.first_rates()[:3])
    assert all(t["params"]["optimizer"] == "adam" for t in trials)

    again = lrsweep(tested, "run", "digits", "--from-find", *quick, "--json")
    assert json.loads(again.stdout)["trials"] == {"completed": 3}


def test_optimizers_are_compared_in_one_picture(compared: Path) -> None:
    screen = (compared / "screen").read_text()
    assert "train_loss (smoothed) against lr, by opt" in screen
    assert "● sgd   ▲ adam" in screen
    table = [line.split() for line in screen.splitlines() if line.startswith(("sgd ", "adam "))]
    assert [row[0] for row in table] == ["sgd", "adam"]
    assert all(len(row) == len(table[0]) for row in table)


def test_each_optimizer_hands_on_a_bracket_of_its_own(
    compared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(compared)
    options = RunOptions(target="linear.py", metric="val_loss")
    handed = hand_over(options, *newest_found(options))
    rate = handed.options.space[0].partition("@")[0]
    assert rate in ("learning-rate", "learning_rate")
    heads = [text.rpartition("=")[0] for text in handed.options.space]
    assert heads == [f"{rate}@opt=sgd", f"{rate}@opt=adam", "opt"]
    assert [point["opt"] for point in handed.first[:4]] == ["sgd", "adam", "sgd", "adam"]


def test_verifying_trains_five_rates_and_says_how_far_off_the_middle_was(tmp_path: Path) -> None:
    (tmp_path / "linear.py").write_text(LINEAR)
    done = lrsweep(tmp_path, "find", "linear.py", "--json", "--verify", "-q")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    low, high = said["bracket"]
    assert low < said["suggestions"]["valley"] <= said["minimum"] < high
    assert said["diverged_at"] > said["minimum"]
    assert {"valley", "steepest", "minimum_tenth", "middle"} == set(said["suggestions"])
    (answer,) = said["verified"]
    assert low * 0.999 <= answer["best"] <= high * 1.001
    ratio = answer["best"] / said["suggestions"]["middle"]
    assert answer["off"] == pytest.approx(max(ratio, 1 / ratio))
    report = json.loads(lrsweep(tmp_path, "report", answer["study"], "-f", "json").stdout)
    assert len(report["rows"]) == 5


def test_a_test_that_never_explodes_says_so_and_sweeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "linear.py").write_text(LINEAR)
    done = lrsweep(tmp_path, "find", "linear.py", "--range", "1e-6:0.01", "--sweep", "-q")
    assert done.returncode == 2
    assert "no suggestion: the loss never exploded" in done.stdout
    assert "try --range 1e-06:1" in done.stdout
    assert "there is no bracket to sweep" in done.stderr


def test_a_script_that_crashes_shows_where_to_look(tmp_path: Path) -> None:
    (tmp_path / "linear.py").write_text(LINEAR)
    done = lrsweep(tmp_path, "find", "linear.py", "-s", "opt=nope")
    assert done.returncode == 4
    assert "unknown optimizer 'nope'" in done.stderr
    assert "lrsweep logs 0 --stderr --study linear-find" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("find", "digitz"), "there is no bundled study 'digitz'"),
        (("find", "--range", "1:1"), "--range 1:1 is not LOW:HIGH"),
        (("find", "-s", "lr=1"), "a range test tries every learning rate"),
        (("find", "--per", "optimizer=sgd"), "gives no values to compare"),
        (("find", "--json", "--sweep"), "--json and --sweep were both given"),
        (("run", "digits", "--from-find"), "there is no study database"),
    ],
)
def test_bad_input_gets_one_sentence_and_nothing_is_written(
    arguments: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    (tmp_path / "foreign.py").write_text(FOREIGN)
    done = lrsweep(tmp_path, *arguments, COLUMNS="200")
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert [path.name for path in tmp_path.iterdir()] == ["foreign.py"]
