"""The parameters that a study recommends, as other programs read them."""

from __future__ import annotations

import json
import shlex
import subprocess
import tomllib

import pytest
import yaml

from lrsweep.errors import NotFound
from lrsweep.report.best import FORMATS, recommended
from lrsweep.report.study_report import make_report
from lrsweep.trial import Outcome, Params
from tests.report.builder import mixed_study, row, study

PARAMS: Params = {
    "lr": 0.00123456789012345,
    "optimizer.name": "it's $HOME",
    "nesterov": True,
    "batch_size": 64,
    "dropout": None,
}


def test_every_form_reads_back_as_it_was() -> None:
    held = {name: value for name, value in PARAMS.items() if value is not None}
    assert json.loads(FORMATS["json"](PARAMS)) == PARAMS
    assert yaml.safe_load(FORMATS["yaml"](PARAMS)) == PARAMS
    assert tomllib.loads(FORMATS["toml"](PARAMS)) == held
    assert shlex.split(FORMATS["args"](PARAMS)) == [
        "--lr=0.00123456789012345",
        "--optimizer.name=it's $HOME",
        "--nesterov=true",
        "--batch_size=64",
    ]
    done = subprocess.run(
        ["bash", "-c", f'{FORMATS["env"](PARAMS)}\necho "$LRSWEEP_LR $LRSWEEP_OPTIMIZER_NAME"'],
        capture_output=True,
        text=True,
    )
    assert done.stdout == "0.00123456789012345 it's $HOME\n"


def test_what_is_recommended_is_the_best_setting() -> None:
    report = make_report(mixed_study(60))
    assert report.landscape.best is not None
    assert recommended(report) == report.landscape.best.params


def test_where_nothing_is_recommended_that_is_said() -> None:
    with pytest.raises(NotFound, match=r"recommends nothing: No trial completed"):
        recommended(make_report(study([row(0, None, Outcome.CRASHED)])))
