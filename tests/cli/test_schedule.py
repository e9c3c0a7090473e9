"""`lrsweep schedule` draws what training follows, and prints it for other programs."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import torch

from lrsweep.analysis.schedules import NAMES
from lrsweep.cli.schedule import schedule
from tests.cli.terminal import in_terminal, lrsweep


def rates(folder: Path, *arguments: str) -> list[float]:
    done = lrsweep(folder, "schedule", *arguments, "--format", "csv")
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(done.stdout.splitlines()))
    assert [int(row["step"]) for row in rows] == list(range(len(rows)))
    return [float(row["lr"]) for row in rows]


def test_the_rates_are_those_of_torch(tmp_path: Path) -> None:
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=3e-4)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=40)
    expected = []
    for _ in range(40):
        expected.append(cosine.get_last_lr()[0])
        optimizer.step()
        cosine.step()
    found = rates(tmp_path, "cosine", "--lr", "3e-4", "--steps", "40")
    assert found == pytest.approx(expected, abs=1e-12)


def test_a_warm_up_is_a_line_from_zero(tmp_path: Path) -> None:
    found = rates(tmp_path, "cosine", "--lr", "3e-4", "--warmup", "5%", "--steps", "1000")
    assert found[:51] == pytest.approx([3e-4 * step / 50 for step in range(51)])
    assert max(found) == found[50]


def test_json_says_the_same_as_csv(tmp_path: Path) -> None:
    arguments = ("wsd:decay=0.5", "--lr", "0.1", "--steps", "8")
    done = lrsweep(tmp_path, "schedule", *arguments, "--format", "json")
    rows = json.loads(done.stdout)
    assert [row["lr"] for row in rows] == rates(tmp_path, *arguments)
    assert [row["step"] for row in rows] == list(range(8))


@pytest.mark.parametrize("columns", [60, 120])
def test_the_plot_fits_the_terminal(tmp_path: Path, columns: int) -> None:
    arguments = ("cosine", "--lr", "3e-4", "--warmup", "5%", "--steps", "1000")
    screen = in_terminal(tmp_path, "schedule", *arguments, columns=columns, rows=25)
    assert "cosine, warm-up over 50 steps: learning rate by step" in screen[0]
    assert any(line.lstrip().startswith("0.0003 ┤") for line in screen)
    assert any("highest 0.0003 at step 50" in line for line in screen)
    drawn = [line for line in screen if any("\u2801" <= char <= "\u28ff" for char in line)]
    assert len(drawn) == 12


def test_the_help_names_every_schedule(tmp_path: Path) -> None:
    shown = lrsweep(tmp_path, "schedule", "--help", COLUMNS="200").stdout
    assert [name for name in NAMES if name not in shown] == []


@pytest.mark.parametrize("name", NAMES)
def test_even_a_training_of_one_step_is_drawn(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    schedule(name, steps=1)
    assert "learning rate by step" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("cosin",), "unknown schedule 'cosin'"),
        (("cosine:flor=0",), "has no setting 'flor'"),
        (("cosine", "--warmup", "2x"), "warmup '2x' is neither"),
        (("cosine", "--lr", "0"), "--lr 0 is not above 0"),
        (("cosine", "--lr", "nan"), "--lr nan is not above 0"),
        (("cosine", "--steps", "0"), "--steps"),
    ],
)
def test_bad_input_gets_one_sentence(
    arguments: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    done = lrsweep(tmp_path, "schedule", *arguments, COLUMNS="200")
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
