"""What a sweep says to GitHub Actions."""

from __future__ import annotations

from lrsweep.report.annotations import annotation_lines
from lrsweep.report.study_report import make_report
from lrsweep.trial import Outcome
from tests.report.builder import row, study


def test_the_verdict_the_failed_and_the_best() -> None:
    rows = study([row(0, 0.5), row(1, None, Outcome.CRASHED, reason="100%\nof it")])
    assert list(annotation_lines(make_report(rows, failure="missed"))) == [
        "::error title=sweep digits::missed",
        "::warning title=sweep digits%2C trial 1::crashed: 100%25%0Aof it",
        "::notice title=sweep digits::best val_loss 0.5 by trial 0",
    ]


def test_of_many_failed_trials_the_first_are_named_and_all_counted() -> None:
    rows = study([row(number, None, Outcome.CRASHED) for number in range(30)])
    lines = list(annotation_lines(make_report(rows)))
    assert len(lines) == 10
    assert lines[-1].endswith("::30 trials failed in all")
