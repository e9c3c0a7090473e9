"""The verdict on a sweep: which exit code, and why."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from lrsweep.cli.verdict import publish, verdict
from lrsweep.errors import InputError, exit_code
from lrsweep.plan import SweepPlan, build_plan, read_flags
from lrsweep.report.study_report import make_report
from lrsweep.sweep import SweepEnd
from lrsweep.trial import Outcome
from tests.report.builder import row, study

COMPLETED, CRASHED, DIVERGED = Outcome.COMPLETED, Outcome.CRASHED, Outcome.DIVERGED
OUT_OF_MEMORY, PRUNED = Outcome.OUT_OF_MEMORY, Outcome.PRUNED


def plan(**said: object) -> SweepPlan:
    return build_plan(read_flags({"target": "digits", **said}, (), ("lrsweep", "run")))


@pytest.mark.parametrize(
    ("said", "best", "ran", "code", "sentence"),
    [
        ({}, 0.5, {COMPLETED: 1, CRASHED: 1}, 0, ""),
        ({"fail_above": 0.5, "fail_below": 0.5}, 0.5, {COMPLETED: 1}, 0, ""),
        ({"fail_above": 0.4}, 0.5, {COMPLETED: 1}, 3, "the best val_loss, 0.5, is above 0.4"),
        ({"fail_below": 0.6}, 0.5, {COMPLETED: 1}, 3, "the best val_loss, 0.5, is below 0.6"),
        ({"fail_above": 1.0}, math.inf, {DIVERGED: 1}, 3, "no trial has a val_loss"),
        ({"max_failed": 1}, 0.5, {COMPLETED: 1, CRASHED: 1}, 0, ""),
        (
            {"max_failed": 0},
            0.5,
            {COMPLETED: 1, CRASHED: 1},
            4,
            "1 trial failed, above --max-failed 0",
        ),
        ({"max_failed": 0}, 0.5, {DIVERGED: 8, COMPLETED: 1}, 0, ""),
        ({}, 0.5, {DIVERGED: 9}, 4, "no trial of this run completed (9 diverged)"),
        ({}, 0.5, {OUT_OF_MEMORY: 2, PRUNED: 1}, 4, "(2 out of memory, 1 pruned)"),
        ({}, 0.5, {}, 0, ""),
        ({"fail_above": 1.0}, 0.5, {CRASHED: 2}, 4, "every trial of this run failed"),
    ],
)
def test_the_verdict(
    said: dict[str, object], best: float, ran: dict[Outcome, int], code: int, sentence: str
) -> None:
    error = verdict(plan(**said), SweepEnd(None, False, ran), study([row(0, best)]))
    assert (0 if error is None else exit_code(error)) == code
    assert sentence in ("" if error is None else error.message)


def test_a_run_of_nothing_although_trials_are_missing_fails() -> None:
    error = verdict(plan(trials=9), SweepEnd(None, False, {}, missing=3), study([]))
    assert error is not None
    assert exit_code(error) == 4
    assert error.message == "nothing was run, although 3 trials of 9 are missing"


def test_a_sweep_that_gave_up_says_why_and_where_to_look() -> None:
    why = "3 trials failed the same way: exit code 1: FileNotFoundError: no data"
    end = SweepEnd(why, False, {CRASHED: 3}, gave_up=True)
    error = verdict(plan(), end, study([row(0, None, CRASHED)]))
    assert error is not None
    assert (exit_code(error), error.message) == (4, f"{why}; see one:")
    assert error.hint == "lrsweep logs 0 --stderr --study digits"


def test_a_sweep_that_was_stopped_says_how_to_go_on() -> None:
    error = verdict(plan(), SweepEnd("stopped", True, {}), study([]))
    assert error is not None
    assert exit_code(error) == 130
    assert error.hint == "lrsweep run"


def test_a_junit_report_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(InputError, match=r"taken is no folder"):
        plan(junit=str(tmp_path / "taken/report.xml"))
    made = plan(junit=str(tmp_path / "later/report.xml"))
    (tmp_path / "later").write_text("")
    with pytest.raises(InputError, match=r"report\.xml cannot be written"):
        publish(made, make_report(study([])))


@pytest.mark.parametrize(("github", "lines"), [("true", 1), ("", 0)])
def test_github_is_told_only_where_the_run_is_there(
    github: str,
    lines: int,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", github)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    publish(plan(), make_report(study([row(0, 0.5)])))
    assert capsys.readouterr().err.count("::notice") == lines
