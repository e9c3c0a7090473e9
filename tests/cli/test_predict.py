"""`lrsweep predict`, from a real sweep of a script whose best rate is known."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from tests.cli.terminal import lrsweep

SCRIPT = """\
import argparse, math
p = argparse.ArgumentParser()
p.add_argument('--lr', type=float)
p.add_argument('--width', type=int)
p.add_argument('--batch-size', type=int, default=16)
a = p.parse_args()
best = 0.1 * (a.width / 32) ** -1
print(f'val_loss: {1 + math.log(a.lr / best) ** 2 / 50}')
"""
SWEEP = ("run", "train.py", "-s", "lr=1e-4:1", "-s", "width=32,64,128", "--scale", "width")


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("swept")
    (folder / "train.py").write_text(SCRIPT)
    done = lrsweep(folder, *SWEEP, "--metric", "val_loss", "-n", "24", "-q")
    assert done.returncode == 0, done.stderr
    return folder


def test_the_rate_of_a_larger_run_is_predicted(swept: Path) -> None:
    done = lrsweep(swept, "predict", "--at", "width=512", "--json")
    [one] = json.loads(done.stdout)["answers"]
    assert one["interval_90"][0] < 0.1 / 16 < one["interval_90"][1]
    assert abs(one["exponents"]["width"]["value"] + 1) < 0.3
    assert one["back_test_recommends"] == "predicted"
    assert one["back_test"][0]["costs"]["predicted"] < one["back_test"][0]["costs"]["keep"]


def test_it_says_what_to_use_how_far_it_extrapolates_and_what_to_run(swept: Path) -> None:
    done = lrsweep(swept, "predict", "train", "--at", "width=512", COLUMNS="200")
    assert "4 times beyond the trials in width" in done.stdout
    assert "maximal-update parametrisation: -1 of the width" in done.stdout
    [line] = [text for text in done.stdout.splitlines() if text.startswith("  lrsweep run")]
    again = lrsweep(swept, *shlex.split(line)[1:], "-q")
    assert again.returncode == 0, again.stderr
    both = lrsweep(swept, "predict", "train", "train-more", "--at", "width=512", "--json")
    narrower = json.loads(both.stdout)["answers"][0]["interval_90"]
    before = json.loads(lrsweep(swept, "predict", "train", "--at", "width=512", "--json").stdout)[
        "answers"
    ][0]["interval_90"]
    assert narrower[1] / narrower[0] < before[1] / before[0]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--at", "widht=512"), "did you mean width?"),
        (("--at", "width=much"), "is not NAME=VALUE with a number above zero"),
        (("--at", "width=-1"), "is not NAME=VALUE with a number above zero"),
        (("train",), "lrsweep predict train --at width=256"),
        (("gone", "--at", "width=512"), "there is no study 'gone'"),
    ],
)
def test_what_is_wrong_is_told(swept: Path, arguments: tuple[str, ...], sentence: str) -> None:
    done = lrsweep(swept, "predict", *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--scale", "widht"), "did you mean width?"),
        (("--scale", "width", "-s", "width=32"), "a scale has several values"),
        (("--scale", "width", "--sampler", "grid"), "has a layout of its own"),
    ],
)
def test_scales_that_are_none_are_refused(
    tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    (tmp_path / "train.py").write_text(SCRIPT)
    space = () if "-s" in arguments else ("-s", "width=32,64")
    line = ("run", "train.py", "-s", "lr=1e-4:1", *space, *arguments, "--metric", "val_loss")
    done = lrsweep(tmp_path, *line)
    assert done.returncode == 2
    assert sentence in done.stderr
