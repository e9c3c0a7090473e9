"""What a person is told after real sweeps of the digits: known answers about the learning rate."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.terminal import in_terminal, lrsweep

FIXED = ("-s", "optimizer=sgd", "-s", "batch_size=64", "--sampler", "grid", "--pruner", "none")


def sweep(folder: Path, rates: str, study: str) -> str:
    done = lrsweep(
        folder, "run", "digits", "-s", rates, *FIXED, "--seed", "0", "--study", study, "-q"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two studies of SGD: `narrow` below the good rates, `wide` around them."""
    folder = tmp_path_factory.mktemp("digits")
    sweep(folder, "lr=1e-4:1e-2:points=3", "narrow")
    (folder / "end of wide").write_text(sweep(folder, "lr=1e-4:10", "wide"))
    return folder


def flat(text: str) -> str:
    return " ".join(text.split())


# -- the edge of the space ----------------------------------------------------------------------


def test_a_space_too_narrow_is_said_to_want_widening_upward(swept: Path) -> None:
    text = lrsweep(swept, "report", "narrow").stdout
    assert (
        "The best lr lies at the upper edge of the space or beyond (0.0001 … 0.01): widen it to "
        "lr=0.0001:0.1" in flat(text)
    )


def test_once_widened_the_best_rate_lies_inside(swept: Path) -> None:
    assert "edge of the space" not in flat(lrsweep(swept, "report", "wide").stdout)
    document = json.loads(lrsweep(swept, "report", "wide", "--format", "json").stdout)
    assert 0.3 <= document["best"]["params"]["lr"] <= 1.5


# -- loss curves --------------------------------------------------------------------------------


def test_the_words_follow_the_rate_from_too_slow_to_broken(swept: Path) -> None:
    text = lrsweep(swept, "report", "wide", "--format", "csv", "--sort", "lr").stdout
    labels = [line["curve"] for line in csv.DictReader(io.StringIO(text))]
    order = ["too_slow", "still_improving", "healthy", "collapsed", "diverged"]
    places = [order.index(label) for label in labels]
    assert places == sorted(places)
    assert set(labels) >= {"too_slow", "still_improving", "healthy"}
    assert labels[-1] in ("collapsed", "diverged")


def test_the_terminal_lists_the_same_words(swept: Path) -> None:
    lines = in_terminal(swept, "report", "wide", "--sort", "lr", columns=80, rows=80)
    heading = next(i for i, line in enumerate(lines) if line.startswith("trial  outcome"))
    at = lines[heading].index("curve")
    words = [line[at:].split("  ")[0] for line in lines[heading + 1 : heading + 7]]
    assert words[0] == "too slow"
    assert "still improving" in words
    assert "healthy" in words


def test_no_more_training_is_advised_where_the_rate_is_what_is_wrong(swept: Path) -> None:
    for study in ("narrow", "wide"):
        assert "Train longer" not in flat(lrsweep(swept, "report", study).stdout)


def test_the_end_of_the_run_and_show_say_how_the_best_curve_looks(swept: Path) -> None:
    assert "curve    healthy: train_loss" in (swept / "end of wide").read_text()
    assert (
        "curve      too slow: train_loss" in lrsweep(swept, "show", "0", "--study", "wide").stdout
    )


def test_curves_are_not_read_where_that_is_not_wanted(swept: Path) -> None:
    table = lrsweep(swept, "report", "wide", "--format", "csv", "--no-curves").stdout
    assert {line["curve"] for line in csv.DictReader(io.StringIO(table))} == {""}
    assert "curve" not in lrsweep(swept, "report", "wide", "--no-curves").stdout
