"""Studies side by side: more than noise or not, and what each covered."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
from rich.console import Console

from lrsweep.errors import InputError
from lrsweep.report.compare import compare_parts, overlay_parts
from lrsweep.report.parts import Part
from lrsweep.report.study_report import make_report
from lrsweep.report.terminal import print_parts
from lrsweep.trial import Curve, Direction, StudyRows
from tests.report.builder import bowl, grid_study, row, study


def printed(parts: Sequence[Part], width: int = 100) -> str:
    text = io.StringIO()
    print_parts(parts, Console(file=text, width=width, markup=False))
    return text.getvalue()


def compared(*studies: StudyRows) -> str:
    return printed(list(compare_parts([make_report(rows) for rows in studies])))


def repeated(name: str, *values: float) -> StudyRows:
    """One setting, run with several seeds."""
    rows = [row(i, v, params={"lr": 0.1, "seed": i}, seed=i) for i, v in enumerate(values)]
    return study(rows, name=name)


def test_without_repeated_runs_it_is_said_that_chance_was_not_measured() -> None:
    worse = grid_study([0.01, 0.1], lambda lr: bowl(0.01)(lr) + 0.5, name="worse")
    text = compared(worse, grid_study([0.01, 0.1], bowl(0.01), name="better"))
    assert "better has the better val_loss, 0.08 against 0.58 of worse." in text
    assert "was not measured" in text
    assert "the same space" in text


def test_best_settings_that_ran_again_are_told_apart_or_not() -> None:
    close = compared(repeated("a", 0.50, 0.52, 0.48), repeated("b", 0.51, 0.53, 0.49))
    assert "They cannot be told apart: the best settings ran 3 and 3 runs (95 %)." in close
    far = compared(repeated("a", 0.50, 0.51, 0.49), repeated("b", 0.90, 0.91, 0.89))
    assert "By more than chance" in far


def test_what_each_covered_is_shown_and_what_differs_named() -> None:
    one = grid_study([0.01, 0.1], bowl(0.01), name="one", space=("lr=0.01:1", "bs=32"))
    two = grid_study([0.01, 0.1], bowl(0.01), name="two", space=("lr=0.001:1", "bs=32"))
    assert "they differ in lr" in compared(one, two)


def test_other_objectives_are_refused() -> None:
    other = study([row(0, 0.9)], name="other", direction=Direction.MAXIMIZE)
    with pytest.raises(InputError, match="they cannot be compared"):
        compared(study([row(0, 0.1)]), other)


def test_trials_of_one_study_are_drawn_over_each_other() -> None:
    rows = study([row(i, 0.1, params={"lr": 0.1 * (i + 1), "w": 1}) for i in range(2)])
    curves = [(i, [Curve("val_loss", (1, 2), (1.0 + i, 0.5))]) for i in range(2)]
    text = printed(list(overlay_parts(rows, curves)))
    assert "● trial 0   ▲ trial 1" in text
    assert "2 trials of digits" in text
    assert "lr" in text
    assert " w " not in text
