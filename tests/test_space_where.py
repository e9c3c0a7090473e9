from __future__ import annotations

import pytest

from lrsweep.errors import SpaceError
from lrsweep.space import Space
from lrsweep.space.where import Where
from lrsweep.trial import Params

SPACE = Space.parse(
    [
        "lr=1e-5:1",
        "batch_size=16:256:pow2",
        "optimizer=sgd,adam",
        "momentum@sgd=0:0.99",
        "weight-decay=1e-6:1e-1",
        "model.width=64:512:pow2",
        "nesterov=true,false",
    ]
)
POINT: Params = {
    "lr": 0.1,
    "batch_size": 64,
    "optimizer": "adam",
    "weight-decay": 1e-3,
    "model.width": 128,
    "nesterov": True,
}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("lr*batch_size < 64", True),
        ("lr*batch_size > 64", False),
        ("optimizer == adam", True),
        ("optimizer == 'adam'", True),
        ("optimizer != sgd or lr <= 1e-2", True),
        ("not optimizer == adam", False),
        ("optimizer in (sgd, adam)", True),
        ("optimizer not in (sgd,)", True),
        ("1e-3 < lr < 1", True),
        ("{weight-decay} < lr", True),
        ("model.width >= 2 * batch_size", True),
        ("log10(lr) > -2 and max(lr, 0.5) == 0.5", True),
        ("batch_size % 32 == 0", True),
        ("lr ** 2 < 0.02", True),
        ("nesterov", True),
        ("nesterov == false", False),
        ("batch_size == true", False),
        ("lr / 0 < 1", False),
        ("log10(lr - 1) < 1", False),
        ("optimizer < 3", False),
    ],
)
def test_a_condition_on_a_point(text: str, holds: bool) -> None:
    assert Where.parse(text, SPACE).holds(POINT) is holds


def test_what_names_an_absent_parameter_says_nothing_of_the_point() -> None:
    assert Where.parse("momentum > 0.5", SPACE).holds(POINT)
    with_momentum = {**POINT, "optimizer": "sgd", "momentum": 0.1}
    assert not Where.parse("momentum > 0.5", SPACE).holds(with_momentum)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("lr <", "is no condition"),
        ("", "is no condition"),
        ("lr", None),
        ("lr + 1", "compares nothing"),
        ("learning_rate < 1", "there is no parameter learning_rate"),
        ("__import__('os').system('true') == 0", "which is not understood"),
        ("lr.__class__ == 1", "there is no parameter lr.__class__"),
        ("(lambda: 1)() < 2", "which is not understood"),
        ("[x for x in (1, 2)] == 1", "which is not understood"),
        ("open('f') == 1", "which is not understood"),
        ("lr is None", "compares in a way that is not understood"),
        ("f'{lr}' == 1", "which is not understood"),
        ("lr < 1; lr > 0", "is no condition"),
        ("(" * 300 + "lr" + ")" * 300 + " < 1", "is no condition"),
        ("9**9**9**9 < lr " * 80, "at most 1000 characters"),
    ],
)
def test_nothing_else_is_understood(text: str, sentence: str | None) -> None:
    if sentence is None:
        assert Where.parse(text, SPACE).holds(POINT) is False
        return
    with pytest.raises(SpaceError) as error:
        Where.parse(text, SPACE)
    assert sentence in error.value.message
