from __future__ import annotations

from pathlib import Path

import pytest

from lrsweep.errors import PlanError, SpaceError
from lrsweep.plan.comparison import compared
from lrsweep.plan.constraints import check_first, constraints
from lrsweep.plan.first_points import first_points
from lrsweep.settings import Settings
from lrsweep.space import Space

SPACE = Space.parse(
    ["lr=1e-5:1", "optimizer=sgd,adam", "momentum@sgd=0:0.99", "batch_size=16:256:pow2", "run=1,x"]
)


def points(*enqueued: str, file: Path | None = None) -> tuple[object, ...]:
    said = Settings(enqueue=enqueued, points=None if file is None else str(file))
    return first_points(said, SPACE)


def test_a_point_names_some_parameters() -> None:
    assert points("lr=0.1,optimizer=sgd", "batch_size=32") == (
        {"lr": 0.1, "optimizer": "sgd"},
        {"batch_size": 32},
    )


def test_numbers_take_the_type_of_their_parameter() -> None:
    (point,) = points("lr=1,batch_size=64")
    assert point == {"lr": 1.0, "batch_size": 64}
    assert [type(v) for v in point.values()] == [float, int]


@pytest.mark.parametrize(
    "text",
    [
        "lr,optimizer\n0.1,sgd\n0.01,\n",
        '{"lr": 0.1, "optimizer": "sgd"}\n\n{"lr": 0.01}\n',
        '{"params": {"lr": 0.1, "optimizer": "sgd"}}\n{"params": {"lr": 0.01}}\n',
    ],
)
def test_points_of_a_file(tmp_path: Path, text: str) -> None:
    file = tmp_path / "points"
    file.write_text(text)
    assert points(file=file) == ({"lr": 0.1, "optimizer": "sgd"}, {"lr": 0.01})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("lr", "'lr' is no NAME=VALUE"),
        ("lr=10", "10 does not lie in lr=1e-05:1:log"),
        ("batch_size=48", "48 does not lie in batch_size=16:256:pow2"),
        ("optimizer=adamw", "adamw does not lie in optimizer=sgd,adam"),
        ("rate=0.1", "there is no parameter rate"),
        ("optimizer=adam,momentum=0.9", "momentum does not exist beside"),
    ],
)
def test_what_does_not_lie_in_the_space_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(PlanError) as error:
        points(text)
    assert sentence in error.value.message


@pytest.mark.parametrize(
    ("text", "sentence"), [("", "holds no points"), ("{oops\n", "line 1: this is no JSON object")]
)
def test_a_file_that_holds_none_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "points"
    file.write_text(text)
    with pytest.raises(PlanError) as error:
        points(file=file)
    assert sentence in error.value.message


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="cannot be read"):
        points(file=tmp_path / "none")


def test_a_condition_that_leaves_nothing_is_refused() -> None:
    with pytest.raises(SpaceError, match="nothing is left to search"):
        constraints(["lr > 0.1", "lr < 0.01"], SPACE)


def test_a_first_point_meets_the_conditions() -> None:
    conditions = constraints(["lr < 0.5"], SPACE)
    check_first([{"lr": 0.1}], conditions, SPACE)
    with pytest.raises(SpaceError, match="does not meet --where"):
        check_first([{"lr": 0.9}], conditions, SPACE)


def test_a_partial_point_that_cannot_be_completed_is_refused() -> None:
    conditions = constraints(["lr * batch_size < 4"], SPACE)
    check_first([{"lr": 0.1}], conditions, SPACE)
    with pytest.raises(SpaceError, match="the point lr=0"):
        check_first([{"lr": 0.5}], conditions, SPACE)


def test_only_a_choice_that_is_always_there_can_be_compared() -> None:
    assert compared("optimizer", SPACE).values == ("sgd", "adam")
    with pytest.raises(PlanError, match="the space has no choice lr"):
        compared("lr", SPACE)
