from __future__ import annotations

from pathlib import Path

from lrsweep.capture import CaptureSpec, TrialCapture
from lrsweep.jobs.thinning import standing
from lrsweep.protocol import TrialFolder
from lrsweep.trial import Report, TrialKey


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


def test_a_later_trial_waits_for_the_source_that_an_earlier_one_had(tmp_path: Path) -> None:
    spec = CaptureSpec("loss")
    told: list[list[tuple[int, float]]] = []
    live: list[int] = []
    for trial in range(2):
        folder = TrialFolder(tmp_path / str(trial))
        folder.path.mkdir()
        capture = TrialCapture(spec, TrialKey(trial, 1), folder, tmp_path)
        folder.stdout.write_text("epoch 1 step 1 loss: 9\nepoch 1 step 2 loss: 8\n")
        reports = list(capture.read())
        live.append(len(reports))
        with folder.stdout.open("a") as log:
            log.write("Epoch 1 done. loss: 2\nepoch 2 step 1 loss: 7\nEpoch 2 done. loss: 1\n")
        reports += [*capture.read(), *capture.finish()]
        told.append([(r.step, r.metrics["loss"]) for r in standing(reports)])
    assert live == [2, 0]
    assert told == [[(1, 2), (2, 1)]] * 2


def test_what_is_told_in_the_end_does_not_depend_on_when_it_was_read(tmp_path: Path) -> None:
    folder = TrialFolder(tmp_path)
    out = "".join(f"epoch {e}: loss {e}.5\n" for e in (1, 2, 3))
    bar = "".join(f"\rEpoch {e}: 50%|##  | 1/2 [loss=9.{e}]" for e in (1, 2, 3))
    orders: list[list[tuple[int, float]]] = []
    for order in ("stdout", "stderr", "both"):
        for log in (folder.stdout, folder.stderr):
            log.unlink(missing_ok=True)
        capture = TrialCapture(CaptureSpec("loss"), TrialKey(0, 1), folder, tmp_path)
        reports: list[Report] = []
        parts = {"stdout": (out, ""), "stderr": ("", bar), "both": (out, bar)}[order]
        for log, text in zip((folder.stdout, folder.stderr), parts, strict=True):
            log.write_text(text)
        reports += capture.read()
        for log, text in zip((folder.stdout, folder.stderr), (out, bar), strict=True):
            log.write_text(text)
        reports += [*capture.read(), *capture.finish()]
        orders.append([(r.step, r.metrics["loss"]) for r in standing(reports)])
    assert orders == [[(1, 1.5), (2, 2.5), (3, 3.5)]] * 3
