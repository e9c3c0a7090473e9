"""What whole programs print, swept through the command line: one metric, one source."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.captured.sweeps import sweep
from tests.cli.terminal import lrsweep

CASES = Path(__file__).parent
START = "import argparse, sys, time\np = argparse.ArgumentParser()\n"
START += "p.add_argument('--lr', type=float); lr = p.parse_args().lr\n"


def case(name: str) -> str:
    return (CASES / f"{name}.py").read_text()


def test_a_printed_line_wins_over_a_progress_bar(tmp_path: Path) -> None:
    done = sweep(tmp_path, case("lines_two_streams"), "0.01,0.03", "--metric", "loss", "-j", "2")
    assert done.document["best"]["params"] == {"lr": 0.03}
    assert done.curve(0.01, "loss") == [(1, 0.12), (2, 0.07)]
    assert done.curve(0.03, "loss") == [(1, 0.1), (2, 0.05)]


def test_the_source_line_of_a_warning_is_no_metric(tmp_path: Path) -> None:
    done = sweep(tmp_path, case("lines_warning"), "0.01,0.03", "--metric", "loss")
    assert done.curve(0.03, "loss") == [(1, 1.0), (2, 0.5), (3, 0.3333)]


def test_the_source_lines_of_a_traceback_are_no_metric(tmp_path: Path) -> None:
    options = ("--metric", "accuracy", "--direction", "maximize")
    done = sweep(tmp_path, case("lines_traceback"), "0.01,0.1", *options)
    assert done.document["trials"] == {"completed": 1, "crashed": 1}
    assert done.curve(0.01, "accuracy") == [(1, 71.0)]
    assert done.curves[0.1] == {}


def test_a_value_that_is_said_again_is_no_further_evaluation(tmp_path: Path) -> None:
    done = sweep(tmp_path, case("lines_said_twice"), "0.01,0.1", "--metric", "test loss")
    steps, values = zip(*done.curve(0.1, "test loss"), strict=True)
    assert steps == (500, 1000)
    assert values == pytest.approx((0.102, 0.101))


def test_the_objective_of_folds_is_their_mean(tmp_path: Path) -> None:
    done = sweep(tmp_path, case("lines_folds"), "0.01,0.03", "--metric", "val_loss")
    assert done.document["trials"] == {"completed": 2}
    assert done.values[0.01] == pytest.approx(0.4667, abs=1e-4)  # as the script prints it
    assert done.values[0.03] == pytest.approx(0.1)


FORMS = {
    "the bar is on standard output and the line in the log": (
        "for e in (1, 2):\n"
        "    for b in range(3): print(f'\\rEpoch {e}: {b}/3 [=>..] loss: 9.{b}', end='')\n"
        "    print(); print(f'2024-01-01 12:00:0{e},123 INFO epoch {e} loss: {lr + e}',"
        " file=sys.stderr)\n"
    ),
    "the line comes only once and has no epoch": (
        "for b in range(5): sys.stderr.write(f'\\r{b}/5 [loss=9.{b}]')\n"
        "print(f'loss: {lr + 1}'); print(f'loss: {lr + 2}')\n"
    ),
    "standard output over standard error": (
        "for e in (1, 2):\n"
        "    print(f'epoch {e} loss: 9', file=sys.stderr, flush=True); time.sleep(0.1)\n"
        "    print(f'epoch {e} loss: {lr + e}', flush=True)\n"
    ),
    "lines within an epoch and one at its end": (
        "for e in (1, 2):\n"
        "    for s in range(3): print(f'epoch {e} step {s} loss: 9.{s}')\n"
        "    print(f'Epoch {e} done. loss: {lr + e}')\n"
    ),
    "a summary at the end": (
        "for e in (1, 2): print(f'epoch {e}: loss {lr + e}')\n"
        "print(f'Finished training. loss: {lr + 2}, best loss so far was 1.5')\n"
    ),
    "a namespace and settings before": (
        "print('Namespace(lr=0.1, loss=0.5, batch_size=32)')\n"
        "print('batch_size: 32\\nloss: 0.5\\nlr: 0.1\\nmodel: cnn\\nseed: 1\\n')\n"
        "print('| Parameter | Value |\\n| loss | 0.5 |\\n| batch_size | 32 |\\n| lr | 0.1 |')\n"
        "for e in (1, 2): print(f'loss: {lr + e}')\n"
    ),
    "the usage of a command": (
        "print('usage: train.py [-h] [--lr LR]\\n  --loss LOSS  weight (default: 0.5)')\n"
        "print('+ python train.py --loss 0.5')\n"
        "for e in (1, 2): print(f'INFO:root:epoch {e} - loss: {lr + e}')\n"
    ),
}


@pytest.mark.parametrize("script", FORMS.values(), ids=FORMS)
def test_the_surest_source_is_the_metric(tmp_path: Path, script: str) -> None:
    done = sweep(tmp_path, START + script, "0.25,0.5", "--metric", "loss")
    assert [value for _, value in done.curve(0.25, "loss")] == [1.25, 2.25]
    assert [value for _, value in done.curve(0.5, "loss")] == [1.5, 2.5]


CURVE = "for e, loss in enumerate((3, 1, 2), 1): print(f'epoch {e} loss: {loss + lr}')\n"


@pytest.mark.parametrize(("rule", "value"), [("last", 2.5), ("best", 1.5), ("tail", 2.5)])
def test_which_value_of_a_curve_counts_is_a_setting(
    tmp_path: Path, rule: str, value: float
) -> None:
    done = sweep(tmp_path, START + CURVE, "0.5", "--metric", "loss", "--objective", rule)
    assert done.values[0.5] == value
    again = sweep(tmp_path, START + CURVE, "0.5", "--metric", "loss", "--objective", "best")
    assert again.code == (0 if rule == "best" else 2)
    assert rule == "best" or f"the objective was {rule} and is now best" in again.said


def test_a_trial_that_was_better_earlier_is_said(tmp_path: Path) -> None:
    done = sweep(tmp_path, START + CURVE, "0.25,0.5", "--metric", "loss", quiet=False)
    assert "trial 0 was better earlier: loss 1.25 at step 2" in done.said
    assert "--objective best" in done.said


def test_a_second_metric_is_one_to_show(tmp_path: Path) -> None:
    script = (
        START
        + "for e in (1, 2): print(f'epoch {e} accuracy: {e}.25 loss: {lr + e} Test Score: {e}.5')\n"
    )
    metrics = ("--metric", "loss", "--metric", "test score", "--metric", "bleu")
    done = sweep(tmp_path, script, "0.25,0.5", *metrics, quiet=False)
    assert done.document["metric"] == "loss"
    assert "no trial reported bleu, which was to be shown (they reported" in done.said
    table = lrsweep(tmp_path, "report", "train", "--format", "csv").stdout.splitlines()[0]
    assert table.index("score") < table.index("accuracy")


def test_epochs_that_begin_again_are_read_as_folds(tmp_path: Path) -> None:
    script = START + (
        "for k in range(2):\n"
        "    print(f'split {k}')\n"
        "    for e in range(3): print(f'Epoch {e}/3 val_loss: {lr + k + 1 / (e + 1):.3f}')\n"
    )
    done = sweep(tmp_path, script, "0.5", "--metric", "val_loss")
    assert done.values[0.5] == pytest.approx((0.833 + 1.833) / 2)
