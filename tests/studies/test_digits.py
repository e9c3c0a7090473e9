"""The digits study as users run it: a plain script, and a training process of a sweep."""

import json
import math
import subprocess
import sys

import pytest

from tests.studies.conftest import STUDIES, Run

SCRIPT = STUDIES / "digits" / "train.py"
TRAINING_DIGITS = 1079


def test_it_runs_by_itself_and_prints_what_it_would_report() -> None:
    command = [sys.executable, str(SCRIPT), "--lr", "1", "--epochs", "2"]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    lines = out.splitlines()
    assert [line.split()[1] for line in lines] == [str(step) for step in range(1, 21)]
    assert "val_loss" in lines[0]
    assert "test_accuracy" in lines[-1]
    assert "test_accuracy" not in lines[-2]


def test_nothing_but_torch_is_heavy_at_start() -> None:
    code = (
        "import json, runpy, sys, torch; before = set(sys.modules);"
        f"runpy.run_path({str(SCRIPT)!r});"
        "print(json.dumps(sorted({m.split('.')[0] for m in set(sys.modules) - before})))"
    )
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = set(json.loads(out.stdout))
    assert "lrsweep" in loaded
    assert not loaded & {"optuna", "pandas", "rich", "typer", "sqlalchemy", "pydantic", "scipy"}


@pytest.mark.parametrize(("optimizer", "lr"), [("sgd", "1"), ("momentum", "0.1"), ("adam", "0.01")])
def test_the_best_decade_reaches_95_percent(run: Run, optimizer: str, lr: str) -> None:
    last = run("digits", "--optimizer", optimizer, "--lr", lr)[-1]
    assert last.metrics["val_accuracy"] >= 0.95
    assert last.metrics["test_accuracy"] >= 0.95


def test_batch_sizes_report_at_the_same_fractions_of_the_examples(run: Run) -> None:
    small = run("digits", "--batch-size", "16", "--epochs", "3")
    large = run("digits", "--batch_size=1024", "--epochs", "3")
    for reports in (small, large):
        assert [(r.step, r.fraction) for r in reports] == [(k, k / 20) for k in range(1, 21)]
        assert reports[-1].examples == 3 * TRAINING_DIGITS
        for r in reports:
            assert r.examples is not None
            assert r.examples >= r.step * 3 * TRAINING_DIGITS // 20


def test_a_trial_that_diverges_reports_so_and_ends(run: Run) -> None:
    reports = run("digits", "--lr", "1e20", "--optimizer", "momentum")
    assert not math.isfinite(reports[-1].metrics["val_loss"])
    assert len(reports) < 20


def test_the_seed_of_the_trial_decides_unless_a_flag_does(run: Run) -> None:
    def losses(*flags: str, seed: int) -> list[float]:
        return [r.metrics["val_loss"] for r in run("digits", "--epochs", "0.5", *flags, seed=seed)]

    assert losses(seed=5) == losses("--seed", "5", seed=6)
    assert losses(seed=5) != losses(seed=6)


@pytest.mark.parametrize("model", ["logreg", "cnn"])
def test_every_model_learns(run: Run, model: str) -> None:
    reports = run(
        "digits", "--model", model, "--optimizer", "adam", "--lr", "0.01", "--epochs", "2"
    )
    assert reports[-1].metrics["val_loss"] < 0.6 * reports[0].metrics["val_loss"]
