from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lrsweep.capture import Axis, Finding, objectives, probe
from lrsweep.protocol import TrialFolder
from lrsweep.trial import Direction


def run(tmp_path: Path, script: str, files: tuple[str, ...] = ()) -> dict[str, Finding]:
    folder = TrialFolder(tmp_path / "trial")
    folder.path.mkdir()
    with folder.stdout.open("wb") as stdout, folder.stderr.open("wb") as stderr:
        subprocess.run(
            [sys.executable, "-c", script], cwd=tmp_path, stdout=stdout, stderr=stderr, check=True
        )
    return {f.seen.name: f for f in probe(folder, tmp_path, files)}


def test_every_metric_is_told_with_what_to_type(tmp_path: Path) -> None:
    found = run(
        tmp_path,
        "import sys\n"
        "for s in (250, 500, 750):\n"
        "    print(f'step {s}: train loss {250 / s:.4f}, val loss {500 / s:.4f}')\n"
        "    print(f'grad norm: {s}.5', file=sys.stderr)\n",
    )
    val = found["val_loss"]
    assert (val.seen.points, val.seen.first, val.seen.last) == (3, 2.0, 0.6667)
    assert (val.seen.first_step, val.seen.last_step, val.seen.axis) == (250, 750, Axis.STEP)
    assert val.direction is Direction.MINIMIZE
    assert val.options == "--metric val_loss"
    assert found["grad_norm"].options == "--metric grad_norm --direction minimize|maximize"
    assert found["grad_norm"].seen.axis is Axis.COUNT
    assert list(found) == ["val_loss", "train_loss", "grad_norm"]


@pytest.mark.parametrize(
    ("line", "likely"),
    [
        ("train loss 3.4, val loss 3.5", ["val_loss"]),
        ("loss: 0.5 lr: 0.1", ["loss"]),
        (
            "Test set: Average loss: 0.2, Accuracy: 9/10",
            ["test_set/average_loss", "test_set/accuracy"],
        ),
        ("lr: 0.1 momentum: 0.9", []),
    ],
)
def test_one_likely_objective_is_an_answer_and_several_are_a_question(
    tmp_path: Path, line: str, likely: list[str]
) -> None:
    found = run(tmp_path, f"print({line!r})")
    assert [finding.seen.name for finding in objectives(found.values())] == likely


def test_files_are_read_too(tmp_path: Path) -> None:
    script = "open('out.csv', 'w').write('epoch,val_f1\\n1,0.5\\n2,0.75\\n'); print('loss: 0.5')"
    found = run(tmp_path, script, ("out.csv",))
    assert found["val_f1"].seen.source == "out.csv"
    assert (found["val_f1"].seen.last, found["val_f1"].seen.axis) == (0.75, Axis.EPOCH)
    assert found["val_f1"].direction is Direction.MAXIMIZE
    assert found["loss"].seen.source == "stdout.log"


def test_a_metric_that_is_printed_and_written_is_the_files(tmp_path: Path) -> None:
    script = (
        "open('out.csv', 'w').write('step,val_loss\\n100,0.5\\n200,0.25\\n')\n"
        "print('val_loss: 0.25')"
    )
    seen = run(tmp_path, script, ("out.csv",))["val_loss"].seen
    assert (seen.source, seen.points, seen.last_step) == ("out.csv", 2, 200)


def test_a_setting_that_is_printed_once_is_no_metric(tmp_path: Path) -> None:
    assert list(run(tmp_path, "print('Namespace(momentum=0.9, epochs=3)'); print('acc: 0.5')")) == [
        "acc"
    ]


def test_several_values_in_an_epoch_are_counted_by_no_epoch(tmp_path: Path) -> None:
    found = run(
        tmp_path, "for e in 1, 2:\n print('Epoch', e)\n for i in 1, 2: print('loss:', i / e)"
    )
    assert found["loss"].seen.axis is Axis.COUNT
