from __future__ import annotations

from pathlib import Path

from lrsweep.capture import CaptureSpec, TrialCapture
from lrsweep.protocol import TrialFolder
from lrsweep.trial import TrialKey


def test_an_attempt_reads_both_of_its_logs_and_nothing_of_the_attempt_before(
    tmp_path: Path,
) -> None:
    folder = TrialFolder(tmp_path)
    before = "epoch 1 val_loss: 9.5\n"
    folder.stdout.write_text(before + "epoch 1 val_loss: 0.5\n")
    folder.stderr.write_text("epoch 1 grad_norm: 3.5\n")
    key = TrialKey(trial=4, attempt=2)
    capture = TrialCapture(CaptureSpec("val_loss"), key, folder, tmp_path, stdout=len(before))
    reports = [*capture.read(), *capture.finish()]
    assert [(r.trial, r.attempt, dict(r.metrics)) for r in reports] == [
        (4, 2, {"val_loss": 0.5}),
        (4, 2, {"grad_norm": 3.5}),
    ]
    assert [seen.name for seen in capture.seen] == ["val_loss", "grad_norm"]


def test_what_is_printed_to_both_logs_counts_once(tmp_path: Path) -> None:
    folder = TrialFolder(tmp_path)
    for log in (folder.stdout, folder.stderr):
        log.write_text("val_loss: 0.5\nval_loss: 0.25\n")
    capture = TrialCapture(CaptureSpec("val_loss"), TrialKey(0, 1), folder, tmp_path)
    assert [(r.step, r.metrics["val_loss"]) for r in capture.finish()] == [(1, 0.5), (2, 0.25)]


def test_a_metric_that_may_mean_several_is_told(tmp_path: Path) -> None:
    folder = TrialFolder(tmp_path)
    folder.stdout.write_text("Train: loss 0.5\nTest: loss 0.6\n")
    capture = TrialCapture(CaptureSpec("loss"), TrialKey(0, 1), folder, tmp_path)
    said = list(capture.finish())
    assert [dict(r.metrics) for r in said if r.metrics] == [{"loss": 0.5}, {"test/loss": 0.6}]
    assert [r.replaces for r in said if not r.metrics] == [{"loss"}]
    assert capture.conflict == ("train/loss", "test/loss")
