from __future__ import annotations

import math
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrsweep.capture import CaptureSpec, OutputReader
from lrsweep.errors import PlanError
from lrsweep.trial import Report

VAL_LOSS = CaptureSpec("val_loss")


def reader(path: Path, spec: CaptureSpec = VAL_LOSS) -> OutputReader:
    return OutputReader(path, spec, trial=3, attempt=2, now=lambda: 5.0)


def read(path: Path, text: str | bytes, spec: CaptureSpec = VAL_LOSS) -> list[Report]:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(reader(path, spec).finish())


def curve(reports: list[Report], name: str) -> list[tuple[int, float]]:
    return [(r.step, r.metrics[name]) for r in reports if name in r.metrics]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "stdout.log"


def test_a_report_carries_the_objective_under_the_users_name_and_all_else_under_its_own(
    log: Path,
) -> None:
    reports = read(log, "step 250: train loss 3.43, valid loss 3.48\n")
    assert reports == [Report(3, 2, 250, {"train_loss": 3.43, "val_loss": 3.48}, at=5.0)]


def test_a_file_that_is_not_there_yet_is_empty(log: Path) -> None:
    tail = reader(log)
    assert list(tail.read()) == []
    log.write_text("val_loss: 0.5\n")
    assert curve(list(tail.read()), "val_loss") == [(1, 0.5)]
    assert list(tail.read()) == []


def test_a_torn_line_waits_for_its_rest_or_for_the_end(log: Path) -> None:
    tail = reader(log)
    log.write_text("val_loss: 0.5\nval_loss: 0.2")
    assert curve(list(tail.read()), "val_loss") == [(1, 0.5)]
    with log.open("a") as file:
        file.write("5")
    assert list(tail.read()) == []
    assert curve(list(tail.finish()), "val_loss") == [(2, 0.25)]


def test_values_without_a_position_are_counted(log: Path) -> None:
    assert curve(read(log, "val_loss: 3\nhello\nval_loss: 2\nval_loss: 2\n"), "val_loss") == [
        (1, 3),
        (2, 2),
        (3, 2),
    ]


def test_evaluations_belong_to_the_epoch_that_was_named_before(log: Path) -> None:
    text = "".join(
        f"Train Epoch: {epoch} [0/6 (0%)]\tLoss: 1\nTrain Epoch: {epoch} [3/6 (50%)]\tLoss: 0.9\n"
        f"Test set: Average loss: {1 / epoch}, Accuracy: 5/6 (83%)\n"
        for epoch in (1, 2, 4)
    )
    reports = read(log, text, CaptureSpec("test_loss"))
    assert curve(reports, "test_loss") == [(1, 1), (2, 0.5), (4, 0.25)]


def test_steps_that_start_again_in_every_epoch_are_added_up(log: Path) -> None:
    text = "".join(
        f"Epoch [{epoch}/2], Step [{step}/600], Loss: {epoch}.{step}\n"
        for epoch in (1, 2)
        for step in (200, 400, 600)
    )
    reports = read(log, text, CaptureSpec("loss"))
    assert [report.step for report in reports] == [200, 400, 600, 800, 1000, 1200]
    assert [report.fraction for report in reports] == pytest.approx(
        [1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6, 1]
    )


def test_steps_that_go_on_through_epochs_stay_as_they_are(log: Path) -> None:
    text = "".join(f"epoch {s // 100} step {s} loss: {s}.5\n" for s in (50, 100, 150, 200))
    assert [r.step for r in read(log, text)] == [50, 100, 150, 200]


def test_the_share_of_the_budget_is_given_where_the_script_counts_from_one(log: Path) -> None:
    one = read(log, "".join(f"Epoch {e}/4 val_loss: {e}.5\n" for e in (1, 2, 3, 4)))
    assert [r.fraction for r in one] == [0.25, 0.5, 0.75, 1.0]
    zero = read(log, "".join(f"Epoch {e}/4 val_loss: {e}.5\n" for e in (0, 1, 2, 3)))
    assert [r.fraction for r in zero] == [None] * 4


def test_steps_become_examples_where_the_batch_size_is_known(log: Path) -> None:
    text = "step 100: val loss 1.5\nstep 200: val loss 1.2\n"
    reports = read(log, text, CaptureSpec("val_loss", batch_size=32))
    assert [r.examples for r in reports] == [3200, 6400]
    epochs = read(log, "epoch 1: val loss 1.5\n", CaptureSpec("val_loss", batch_size=32))
    assert [r.examples for r in epochs] == [None]


def test_a_value_said_again_in_the_same_epoch_is_one_point(log: Path) -> None:
    text = "".join(
        f"Epoch {e}: val_loss=0.{9 - e}\nNew best model saved with val loss: 0.{9 - e}\n"
        for e in (1, 2, 3)
    )
    assert curve(read(log, text), "val_loss") == [(1, 0.8), (2, 0.7), (3, 0.6)]


def test_several_evaluations_in_an_epoch_are_several_points(log: Path) -> None:
    text = "Epoch 1\nval_loss: 3\nval_loss: 2\nEpoch 2\nval_loss: 1\nval_loss: 0.5\n"
    steps = [step for step, _ in curve(read(log, text), "val_loss")]
    assert steps == sorted(set(steps))
    assert len(steps) == 4


def test_a_progress_bar_gives_a_point_where_its_value_changes(log: Path) -> None:
    def bar(epoch: int, step: int, values: str) -> str:
        part = "█" * step + " " * (4 - step)
        return f"\rEpoch {epoch}: {25 * step:3d}%|{part}| {step}/4 [00:01<00:03, 1.5it/s, {values}]"

    text = "".join(bar(0, step, f"loss=0.{9 - step}") for step in range(1, 5))
    text += bar(0, 4, "loss=0.5, val_loss=0.7") + "\n"
    text += "".join(bar(1, step, f"loss=0.{5 - step}, val_loss=0.7") for step in range(1, 5))
    text += bar(1, 4, "loss=0.1, val_loss=0.3") + "\n"
    reports = read(log, text)
    assert curve(reports, "val_loss") == [(4, 0.7), (8, 0.3)]
    assert [value for _, value in curve(reports, "loss")] == pytest.approx(
        [0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]
    )


def test_two_metrics_that_fit_are_told_and_neither_is_reported(log: Path) -> None:
    log.write_text("Train: loss 0.5\nVal: loss 0.6\nTrain: loss 0.4\nVal: loss 0.5\n")
    tail = reader(log, CaptureSpec("loss"))
    later = list(tail.read())[1:]
    assert tail.curves.conflict == ("train/loss", "val/loss")
    assert all("loss" not in report.metrics for report in later)


def test_a_users_regex_names_value_and_step(log: Path) -> None:
    spec = CaptureSpec("val_loss", regex=r"it=(?P<step>\d+) .* => (?P<value>\S+)")
    text = "it=10 x => 0.5\nval_loss: 7\nit=20 x => 0.4\nit=30 x => -\n"
    text += "it=40 \x1b[1mx\x1b[0m => nan\n"
    points = curve(read(log, text, spec), "val_loss")
    assert points[:2] == [(10, 0.5), (20, 0.4)]
    assert points[2][0] == 40
    assert math.isnan(points[2][1])
    assert len(points) == 3


@pytest.mark.parametrize(
    ("regex", "sentence"),
    [
        ("(", "--metric-regex '(' is no regular expression: missing ), unterminated subpattern"),
        (r"loss (\S+)", r"'loss (\S+)' has no group called value"),
        (r"(?P<value>\S+) (?P<epoch>\d+)", "has a group called epoch; only value and step"),
    ],
)
def test_a_regex_that_cannot_be_used_is_refused_with_a_sentence(regex: str, sentence: str) -> None:
    with pytest.raises(PlanError, match=re.escape(sentence)):
        CaptureSpec("loss", regex=regex)


def test_names_are_bounded_and_the_objective_is_read_all_the_same(log: Path) -> None:
    text = "".join(f"metric_{'x' * i}: {i}.5\n" for i in range(400)) + "val_loss: 0.5\n"
    reports = read(log, text)
    assert len({name for report in reports for name in report.metrics}) < 250
    assert curve(reports, "val_loss") == [(1, 0.5)]


def test_of_very_many_lines_alike_the_last_and_the_rare_ones_are_read(log: Path) -> None:
    lines = [f"step {i}: train loss {i}.25" for i in range(60_000)]
    lines[45_003] += ", val loss 0.5"
    lines[55_001] = "step 55001: train loss nan"
    log.write_text("\n".join(lines))
    reports = list(reader(log).finish())
    losses = curve(reports, "train_loss")
    assert len(losses) < 20_000
    assert losses[-1] == (59_999, 59_999.25)
    assert curve(reports, "val_loss") == [(45_003, 0.5)]
    assert any(math.isnan(value) for _, value in losses)


def test_lines_left_out_are_counted(log: Path) -> None:
    log.write_text("".join(f"loss: {i}.5\n" for i in range(30_005)))
    assert curve(list(reader(log).finish()), "loss")[-1] == (30_005, 30_004.5)


def test_a_line_without_end_is_left_out_and_costs_no_memory(log: Path) -> None:
    log.write_bytes(b"x" * 5_000_000 + b" val_loss: 1\nval_loss: 0.5\n")
    assert curve(list(reader(log).finish()), "val_loss") == [(1, 0.5)]


def test_a_real_process_is_read_while_it_runs(log: Path) -> None:
    script = (
        "import sys\n"
        "for epoch in (1, 2, 3):\n"
        "    print(f'Epoch {epoch}/3 - val_loss: {1 / epoch:.2f}', flush=True)\n"
        "    sys.stdin.readline()\n"
    )
    tail, seen = reader(log), []
    with log.open("wb") as stdout:
        process = subprocess.Popen(
            [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=stdout, text=True
        )
    with process:
        assert process.stdin is not None
        for _ in range(3):
            while not (reports := list(tail.read())):
                assert process.poll() is None
            seen += reports
            process.stdin.write("\n")
            process.stdin.flush()
    assert curve(seen, "val_loss") == [(1, 1.0), (2, 0.5), (3, 0.33)]


@given(st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_no_bytes_raise(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for report in read(Path(folder) / "log", data):
            assert all(isinstance(value, float) for value in report.metrics.values())


PIECES = st.sampled_from(
    [
        *(
            "val_loss: 0.5",
            "loss=",
            "0.25",
            " step 3 ",
            "Epoch 2/5",
            "\r",
            "\n",
            "\r\n",
            "\x08\x08",
        ),
        *("│", "\x1b[31m", "nan", '{"loss": 1', "}", "'val_loss': ", "epoch,loss\n", "1,0.5\n"),
        *("é", " | ", "Test set: ", "[3/7]", "99%|███  | 3/7 [", "-", "1e999", "9" * 400, ": "),
        *("9,999", "val_loss: nan\n", "step 7: val loss 0.25\n"),
    ]
)


@given(st.lists(PIECES, max_size=25), st.lists(st.integers(0, 400), max_size=6))
@settings(max_examples=200, deadline=None)
def test_where_the_output_is_cut_does_not_change_what_is_read(
    pieces: list[str], cuts: list[int]
) -> None:
    data = "".join(pieces).encode()
    with tempfile.TemporaryDirectory() as folder:
        whole = read(Path(folder) / "whole", data)
        path = Path(folder) / "cut"
        parts: list[Report] = []
        tail, start = reader(path), 0
        path.touch()
        for cut in [*sorted(min(c, len(data)) for c in cuts), len(data)]:
            with path.open("ab") as file:
                file.write(data[start:cut])
            start = cut
            parts += tail.read()
        parts += tail.finish()
    assert repr(parts) == repr(whole)  # nan is not equal to itself


PLAIN = "loss: 1.5\nloss: 2.5\n"
EPOCHS = "epoch 1 loss: 1.5\nepoch 2 loss: 2.5\n"
# What stands before the metrics in a log, and is none.
ECHOES = {
    "YAML": "model:\n  name: cnn\ntrain:\n  lr: 0.1\n  loss: 0.7\n  batch_size: 32\n" + PLAIN,
    "sorted YAML": "accuracy: 0.9\nbatch_size: 32\nloss: 0.7\nlr: 0.1\nmodel: cnn\n" + PLAIN,
    "JSON": '{\n  "lr": 0.1,\n  "bs": 32,\n  "loss": 0.7,\n  "model": "cnn"\n}\n' + PLAIN,
    "JSON in a line": '{"lr": 0.1, "bs": 32, "loss": 0.7, "seed": 1, "epochs": 3}\n' + PLAIN,
    "labelled": "Config: lr=0.1 loss=0.7\nINFO hyperparameters: {'loss': 0.7}\n" + PLAIN,
    "a namespace over lines": "Namespace(lr=0.1,\n          loss=0.7,\n          x=3)\n" + PLAIN,
    "a dataclass": "TrainConfig(lr=0.1, loss=0.7, model='x')\n" + PLAIN,
    "training arguments": "TrainingArguments(\n_n_gpu=1,\nloss=0.7,\n)\n" + PLAIN,
    "a record that never closes": "Args: (lr=0.1\nloss=0.7\n" + EPOCHS,
    "a table": "| name | value |\n|---|---|\n| lr | 0.1 |\n| bs | 32 |\n| loss | 0.7 |\n" + PLAIN,
    "a drawn table": "┃ Parameter ┃ Value ┃\n┡━━╇━━┩\n│ lr │ 0.1 │\n│ bs │ 3 │\n│ loss │ 0.7 │\n"
    + PLAIN,
    "dots": "lr ........... 0.1\nbs ........ 32\nloss ....... 0.7\nseed ..... 1\n" + PLAIN,
    "columns": "lr             0.1\nbs     32\nloss           0.7\nmodel          cnn\n" + PLAIN,
    "logged": "".join(
        f"2024-01-01 12:00:00,123 INFO {entry}\n"
        for entry in ("lr: 0.1", "bs: 32", "loss: 0.7", "model: cnn")
    )
    + PLAIN,
    "the environment": "LR=0.1\nBATCH_SIZE=32\nLOSS=0.7\nSEED=1\n" + PLAIN,
    "one line": "lr=0.1, bs=32, seed=1, loss=0.7, epochs=3\n" + PLAIN,
    "a drawn traceback": "╭── Traceback (most recent call last) ──╮\n│ a.py:3 in f │\n"
    "│   loss = 0.7 │\n╰────╯\nValueError: loss: 0.9\n" + EPOCHS,
    "a chained traceback": "[rank0]: Traceback (most recent call last):\n"
    '[rank0]:   File "a.py", line 3, in f\n[rank0]:     loss = 0.7\n[rank0]: KeyError: 3\n'
    + EPOCHS,
    "a logged warning": "WARNING:py.warnings:/x/a.py:12: RuntimeWarning: odd\n  loss = 0.7\n"
    + EPOCHS,
    "a usage message": "usage: t.py [-h] [--loss LOSS]\n\noptions:\n  --loss LOSS  (default: 0.7)\n"
    + EPOCHS,
    "a command": "+ python train.py --loss 0.7\n$ train --loss=0.7\n" + EPOCHS,
}


@pytest.mark.parametrize("text", ECHOES.values(), ids=ECHOES)
def test_what_a_script_quotes_is_no_metric(log: Path, text: str) -> None:
    assert curve(read(log, text, CaptureSpec("loss")), "loss") == [(1, 1.5), (2, 2.5)]


@pytest.mark.parametrize(
    "text",
    [
        "=== Results ===\nModel: cnn\nval_loss: 0.5\nTime: 12s\n",
        "lr: 0.1\nbatch_size: 32\nseed: 1\nval_loss: 0.5\n",
        '{"lr": 0.1, "batch_size": 32, "epochs": 3, "seed": 1, "val_loss": 0.5}\n',
        "lr=0.1 bs=32 seed=1 epochs=3 val_loss=0.5\n",
    ],
)
def test_results_beside_settings_are_read(log: Path, text: str) -> None:
    assert curve(read(log, text), "val_loss") == [(1, 0.5)]
