"""The grid: every point once, conditions respected, numbers as one would write them."""

from itertools import islice

import pytest

from lrsweep.space import Space
from lrsweep.trial import ParamValue


@pytest.mark.parametrize(
    ("text", "values"),
    [
        # One per decade on the log scale, both ends included.
        ("lr=1e-5:1", (1e-05, 0.0001, 0.001, 0.01, 0.1, 1.0)),
        ("lr=3e-4:0.3", (0.0003, 0.003, 0.03, 0.3)),
        ("lr=3e-5:0.5", (3e-05, 0.000341, 0.00387, 0.044, 0.5)),
        ("lr=0.1:0.5", (0.1, 0.5)),
        ("lr=1e-3:1:points=7", (0.001, 0.00316, 0.01, 0.0316, 0.1, 0.316, 1.0)),
        ("width=1:1000:log", (1, 10, 100, 1000)),
        ("width=1:5:log:points=9", (1, 2, 3, 4, 5)),
        # Five on the linear scale.
        ("x=0:0.5", (0.0, 0.125, 0.25, 0.375, 0.5)),
        ("x=0.0:1.0:points=4", (0.0, 0.333, 0.667, 1.0)),
        ("x=-1.5:1.5:points=3", (-1.5, 0.0, 1.5)),
        ("epochs=1:3", (1, 2, 3)),
        ("epochs=1:101", (1, 26, 51, 76, 101)),
        ("epochs=1:10:points=3", (1, 6, 10)),
        # A step and powers of 2 are walked whole, unless points say otherwise.
        ("x=0:0.6:step=0.1", (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)),
        ("x=0:0.6:step=0.1:points=3", (0.0, 0.3, 0.6)),
        ("x=0:12:step=2", (0, 2, 4, 6, 8, 10, 12)),
        ("x=0:1:step=1e-6", (0.0, 0.25, 0.5, 0.75, 1.0)),
        ("b=16:256:pow2", (16, 32, 64, 128, 256)),
        ("b=16:256:pow2:points=3", (16, 64, 256)),
        # Choices and fixed values as they are.
        ("optimizer=sgd,adamw", ("sgd", "adamw")),
        ("warmup=0,0.05", (0.0, 0.05)),
        ("epochs=5", (5,)),
    ],
)
def test_the_values_that_a_grid_takes(text: str, values: tuple[ParamValue, ...]) -> None:
    space = Space.parse([text])
    (parameter,) = space.parameters
    assert repr(parameter.grid()) == repr(values)
    assert [point[parameter.name] for point in space.grid()] == list(values)
    assert space.grid_size() == len(values)


def test_neighbouring_floats_make_no_point_twice() -> None:
    (narrow,) = Space.parse(["x=1.0:1.0000000000000004:points=9"]).parameters
    assert narrow.grid() == (1.0, 1.0000000000000002, 1.0000000000000004)


def test_a_grid_is_the_product_and_the_last_parameter_changes_fastest() -> None:
    space = Space.parse(["optimizer=sgd,adamw", "batch_size=16:32:pow2"], ["epochs=5"])
    assert list(space.grid()) == [
        {"optimizer": "sgd", "batch_size": 16, "epochs": 5},
        {"optimizer": "sgd", "batch_size": 32, "epochs": 5},
        {"optimizer": "adamw", "batch_size": 16, "epochs": 5},
        {"optimizer": "adamw", "batch_size": 32, "epochs": 5},
    ]


def test_a_grid_respects_conditions() -> None:
    space = Space.parse(["lr@sgd=0.1,1", "lr@adamw=1e-4:1e-2", "optimizer=sgd,adamw,lbfgs"])
    assert list(space.grid()) == [
        {"lr": 0.1, "optimizer": "sgd"},
        {"lr": 1.0, "optimizer": "sgd"},
        {"lr": 0.0001, "optimizer": "adamw"},
        {"lr": 0.001, "optimizer": "adamw"},
        {"lr": 0.01, "optimizer": "adamw"},
        {"optimizer": "lbfgs"},
    ]


def test_a_huge_grid_is_counted_and_begun_without_being_walked() -> None:
    space = Space.parse([f"x{i}=0.0:1.0:points=1000" for i in range(20)])
    assert space.grid_size() == 1000**20
    assert len(list(islice(space.grid(), 3))) == 3


def test_an_empty_space_has_one_empty_point() -> None:
    assert list(Space().grid()) == [{}]
    assert Space().grid_size() == 1
