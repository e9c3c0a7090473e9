"""How a space is told to the user: as it was understood, and how it differs from another."""

import pytest

from lrsweep.space import Space, format_value
from lrsweep.terms import is_learning_rate
from lrsweep.trial import ParamValue


def test_a_space_is_described_as_it_was_understood() -> None:
    space = Space.parse(
        [
            "lr@sgd=1e-5:1",
            "batch_size=16:256:pow2",
            "optimizer=sgd,adamw",
            "dropout=0:0.5:step=0.1",
            "width=10:1000:log:points=5",
            "layers=1:4",
            "note='1',a",
        ],
        ["epochs=5"],
    )
    assert space.describe() == (
        ("lr@sgd", "log-uniform", "1e-05 … 1"),
        ("batch_size", "powers of 2", "16 … 256"),
        ("optimizer", "choice", "sgd, adamw"),
        ("dropout", "uniform", "0 … 0.5, step 0.1"),
        ("width", "log-uniform integer", "10 … 1000, 5 points"),
        ("layers", "integer", "1 … 4"),
        ("note", "choice", "'1', a"),
        ("epochs", "fixed", "5"),
    )


def test_differences_say_what_changed_what_is_new_and_what_is_gone() -> None:
    was = Space.parse(
        ["lr=1e-5:1", "optimizer=sgd,adamw", "momentum=0.8,0.9", "b=8:16:pow2"], ["epochs=5"]
    )
    now = Space.parse(
        ["lr=1e-3:1", "optimizer=sgd,lion", "batch_size=16:64", "b=8:32:pow2"], ["epochs=10"]
    )
    assert now.differences(was) == [
        "lr was log-uniform 1e-05 … 1 and is now log-uniform 0.001 … 1",
        "optimizer was one of sgd, adamw and is now one of sgd, lion",
        "b was powers of 2 in 8 … 16 and is now powers of 2 in 8 … 32",
        "epochs was fixed at 5 and is now fixed at 10",
        "batch_size is new",
        "momentum is gone",
    ]


def test_the_order_of_parameters_makes_no_difference() -> None:
    texts = ["lr=1e-5:1", "optimizer=sgd,adamw", "momentum@sgd=0.8,0.9"]
    assert Space.parse(texts).differences(Space.parse(texts[::-1])) == []


def test_the_kind_of_a_number_makes_a_difference() -> None:
    assert Space.parse(["x=1"]).differences(Space.parse(["x=1.0"])) == [
        "x was fixed at 1.0 and is now fixed at 1"
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1.0"),
        (0.001, "0.001"),
        (1e-05, "1e-05"),
        (1e16, "1e+16"),
        (0.1 + 0.2, "0.30000000000000004"),
        (64, "64"),
        (True, "true"),
        (False, "false"),
        ("a,b", "a,b"),
        ("", ""),
    ],
)
def test_a_value_is_formatted_for_a_command_line(value: ParamValue, text: str) -> None:
    assert format_value(value) == text


@pytest.mark.parametrize(
    ("name", "is_rate"),
    [
        ("lr", True),
        ("LR", True),
        ("learning_rate", True),
        ("learning-rate", True),
        ("head_lr", True),
        ("optimizer.lr", True),
        ("model.learning_rate", True),
        ("clr", False),
        ("lr_decay", False),
        ("momentum", False),
    ],
)
def test_the_names_of_a_learning_rate(name: str, is_rate: bool) -> None:
    assert is_learning_rate(name) is is_rate
