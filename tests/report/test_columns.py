"""Which trials a report shows, in which order, and what its columns are called."""

from __future__ import annotations

import math

import pytest

from lrsweep.errors import InputError
from lrsweep.report.columns import columns, select, telling
from lrsweep.trial import Direction, Outcome, TrialRow
from tests.report.builder import row, study

STUDY = study(
    [
        row(0, 0.3, params={"lr": 0.01, "optimizer": "sgd"}),
        row(1, math.inf, params={"lr": 1.0, "optimizer": "sgd"}),
        row(2, 0.2, Outcome.PRUNED, params={"lr": 0.1, "optimizer": "adam"}),
        row(3, 0.1, params={"lr": 0.1, "optimizer": "adam"}),
        TrialRow(4, None, {"lr": 0.5, "optimizer": "adam"}, None),
        row(5, None, Outcome.CRASHED, params={"lr": 0.2, "optimizer": "sgd"}),
    ],
    metrics={0: {"val_accuracy": 0.8}, 3: {"val_accuracy": 0.95}},
)


def order(sort: str, top: int | None = None) -> list[int]:
    return [trial.number for trial in select(STUDY, sort=sort, top=top)]


def test_best_first_means_completed_then_pruned_then_the_rest() -> None:
    assert order("best") == [3, 0, 2, 1, 5, 4]


def test_best_first_follows_the_direction() -> None:
    rows = study([row(0, 0.3), row(1, 0.9)], direction=Direction.MAXIMIZE)
    assert [trial.number for trial in select(rows)] == [1, 0]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("lr", [0, 2, 3, 5, 4, 1]),
        ("lr:desc", [1, 4, 5, 2, 3, 0]),
        ("val_loss", [3, 2, 0, 1, 4, 5]),
        ("value:desc", [0, 2, 3, 1, 4, 5]),
        ("val_accuracy:desc", [3, 0, 1, 2, 4, 5]),
        ("trial:asc", [0, 1, 2, 3, 4, 5]),
    ],
)
def test_sorting_by_a_column_puts_what_has_no_finite_value_last(
    sort: str, expected: list[int]
) -> None:
    assert order(sort) == expected


def test_top_takes_the_first() -> None:
    assert order("best", top=2) == [3, 0]


def test_an_unknown_column_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match="no column 'val_los'") as refused:
        order("val_los")
    assert refused.value.hint == "did you mean val_loss?"


def test_trials_are_not_sorted_by_curves_that_are_not_all_read() -> None:
    with pytest.raises(InputError, match="no column 'curve'"):
        order("curve")


def test_an_unknown_order_is_refused_with_what_would_be_right() -> None:
    with pytest.raises(InputError, match="neither asc nor desc") as refused:
        order("lr:down")
    assert refused.value.hint == "try lr:desc"


def test_a_column_s_name_may_hold_a_colon() -> None:
    rows = study([row(0, 0.1, params={"a:b": 2}), row(1, 0.2, params={"a:b": 1})])
    assert [t.number for t in select(rows, sort="a:b")] == [1, 0]
    assert [t.number for t in select(rows, sort="a:b:desc")] == [0, 1]


def test_every_column_has_a_name_of_its_own() -> None:
    rows = study(
        [row(0, 0.1, params={"lr": 0.1, "seed": 3, "trial": 1})],
        metrics={0: {"lr": 0.05, "outcome": 1.0, "curve": 2.0, "val_loss": 0.1}},
    )
    names = [column.name for column in columns(rows)]
    assert len(names) == len(set(names))
    renamed = {"params.seed", "params.trial", "metrics.lr", "metrics.outcome", "metrics.curve"}
    assert renamed <= set(names)


def test_how_good_the_model_is_tells_more_than_how_fast_it_trained() -> None:
    names = ["examples_per_s", "train_loss", "test_loss", "lr", "val_accuracy"]
    assert telling(names)[:3] == ["val_accuracy", "test_loss", "train_loss"]
