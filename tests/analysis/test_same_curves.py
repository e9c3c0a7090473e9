"""Two trials that report the very same raise the question whether their parameters arrive."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from lrsweep.analysis.same_curves import SameCurves
from lrsweep.trial import Params


def question(curves: Sequence[Sequence[float]], params: Sequence[Params]) -> str:
    same = SameCurves()
    for trial, values in enumerate(curves):
        for value in values:
            same.reported(trial, value)
    asked = [same.completed(trial, each) for trial, each in enumerate(params)]
    return "".join(asked)


def test_the_same_curve_at_another_rate_is_a_question() -> None:
    asked = question([[1.0, 0.5], [1.0, 0.5]], [{"lr": 0.1}, {"lr": 0.01}])
    assert asked == (
        "trials 0 and 1 reported the very same values, although they differ"
        " (lr 0.1 and 0.01): see whether it reaches the script"
    )


@pytest.mark.parametrize(
    ("curves", "params"),
    [
        ([[1.0, 0.5], [1.0, 0.4]], [{"lr": 0.1}, {"lr": 0.01}]),
        ([[1.0], [1.0]], [{"lr": 0.1}, {"lr": 0.1}]),
        ([[], []], [{"lr": 0.1}, {"lr": 0.01}]),
        ([[1.0], [0.5], [0.5]], [{"lr": 0.1}, {"lr": 0.01}, {"lr": 1.0}]),
    ],
)
def test_what_differs_or_should_not_is_none(
    curves: Sequence[Sequence[float]], params: Sequence[Params]
) -> None:
    assert question(curves, params) == ""
