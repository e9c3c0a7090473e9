from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lrsweep.capture import (
    CaptureSpec,
    Curves,
    FileReader,
    TrialCapture,
    check_pattern,
    marks_of,
)
from lrsweep.errors import PlanError
from lrsweep.protocol import TrialFolder
from lrsweep.trial import Report, TrialKey

Open = Callable[..., FileReader]


@pytest.fixture(params=["plain", "with space", "br[ack]ets*"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path: Path = tmp_path / request.param
    path.mkdir()
    return path


@pytest.fixture
def reader(folder: Path) -> Open:
    def make(pattern: str, metric: str = "val_loss", *, begun: bool = False) -> FileReader:
        curves = Curves(CaptureSpec(metric, files=(pattern,)), trial=0, attempt=1)
        start = marks_of((pattern,), folder, folder.parent) if begun else None
        return FileReader(pattern, curves, folder=folder, cwd=folder.parent, start=start)

    return make


def curve(reports: list[Report], name: str) -> list[tuple[int, float]]:
    return [(r.step, r.metrics[name]) for r in reports if name in r.metrics]


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def test_lightnings_sparse_table_is_read_as_it_grows(folder: Path, reader: Open) -> None:
    table = folder / "lightning_logs" / "version_0" / "metrics.csv"
    tail = reader("{dir}/**/metrics.csv")
    assert list(tail.read()) == []
    table.parent.mkdir(parents=True)
    table.write_text("epoch,step,train_loss\n0,49,0.9\n0,99,0.8")
    assert curve(list(tail.read()), "train_loss") == [(49, 0.9)]
    # A new metric appears: Lightning writes the file anew with one more column.
    table.write_text("epoch,step,train_loss,val_loss\n0,49,0.9,\n0,99,0.8,\n0,99,,0.7\n")
    reports = list(tail.read())
    assert curve(reports, "train_loss") == [(99, 0.8)]
    assert curve(reports, "val_loss") == [(99, 0.7)]
    append(table, "1,199,,0.6")
    assert list(tail.read()) == []
    assert curve(list(tail.finish()), "val_loss") == [(199, 0.6)]


def test_timms_summary_is_read(folder: Path, reader: Open) -> None:
    (folder / "summary.csv").write_text(
        "epoch,train_loss,eval_loss,eval_top1,lr\n0,6.9,6.8,0.1,0.01\n1,6.5,6.4,2.5,0.01\n"
    )
    reports = list(reader("{dir}/summary.csv", "eval_top1").read())
    assert curve(reports, "eval_top1") == [(0, 0.1), (1, 2.5)]
    assert reports[-1].metrics == {
        "train_loss": 6.5,
        "eval_loss": 6.4,
        "eval_top1": 2.5,
        "lr": 0.01,
    }


def test_json_lines_are_read_as_they_come(folder: Path, reader: Open) -> None:
    log = folder / "log.jsonl"
    tail = reader("{dir}/log.jsonl")
    log.write_text('{"step": 10, "val": {"loss": 0.5}}\nrubbish\n[1]\n{"step": 20, "val": {"lo')
    assert curve(list(tail.read()), "val_loss") == [(10, 0.5)]
    append(log, 'ss": 0.4}}\n')
    assert curve(list(tail.read()), "val_loss") == [(20, 0.4)]


def test_trainer_state_tells_its_history_once(folder: Path, reader: Open) -> None:
    history: list[dict[str, float]] = []
    tail = reader("{dir}/checkpoint-*/trainer_state.json", "eval_loss")
    steps = []
    for step in (10, 20):
        history += [{"epoch": step / 10, "step": step, "loss": 1.5}]
        history += [{"epoch": step / 10, "step": step, "eval_loss": 10 / step}]
        checkpoint = folder / f"checkpoint-{step}"
        checkpoint.mkdir()
        state = checkpoint / "trainer_state.json"
        state.write_text(json.dumps({"best_metric": None, "log_history": history, "max_steps": 20}))
        os.utime(state, (step, step))
        steps.append(curve(list(tail.read()), "eval_loss"))
    assert steps == [[(10, 1.0)], [(20, 0.5)]]
    assert list(tail.read()) == []


def test_a_file_of_results_is_one_point(folder: Path, reader: Open) -> None:
    results = folder / "all_results.json"
    tail = reader("{dir}/all_results.json", "eval_loss")
    results.write_text('{"epoch": 3.0, "eval_lo')
    assert list(tail.read()) == []
    results.write_text('{"epoch": 3.0, "eval_loss": 0.31, "eval_accuracy": 0.93}')
    assert curve(list(tail.read()), "eval_loss") == [(3, 0.31)]
    assert list(tail.finish()) == []


def test_a_history_of_lists_is_read_row_by_row(folder: Path, reader: Open) -> None:
    (folder / "history.json").write_text('{"loss": [0.9, 0.8], "val_loss": [0.7, 0.6]}')
    assert curve(list(reader("{dir}/history.json").read()), "val_loss") == [(1, 0.7), (2, 0.6)]


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("m.csv", "epoch,val_loss\n1,0.5\n", "epoch,val_loss\n1,0.5\n2,0.25\n"),
        ("m.csv", "epoch,val_loss\n1,0.5\n", "epoch,val_loss\n2,0.25\n"),
        ("m.csv", "epoch;val_loss\n1;0,5\n", "epoch;val_loss\n1;0,5\n2;0,25\n"),
        ("m.jsonl", '{"epoch": 1, "val_loss": 0.5}\n', '{"epoch": 1, "val_loss": 0.5}\n'
         '{"epoch": 2, "val_loss": 0.25}\n'),
        ("m.json", '[{"epoch": 1, "val_loss": 0.5}]', '[{"epoch": 1, "val_loss": 0.5},'
         '{"epoch": 2, "val_loss": 0.25}]'),
        ("m.json", '{"epoch": 1, "val_loss": 0.5}', '{"epoch": 2, "val_loss": 0.25}'),
        ("m.json", '{"epoch": 2, "val_loss": 0.25}', '{"epoch": 2, "val_loss": 0.25}'),
    ],
)  # fmt: skip
def test_what_stood_in_a_file_when_a_trial_began_is_not_its_own(
    folder: Path, reader: Open, name: str, before: str, after: str
) -> None:
    path = folder / name
    path.write_text(before)
    os.utime(path, (1000, 1000))
    tail = reader("{dir}/" + name, begun=True)
    assert list(tail.read()) == []
    path.write_text(after)
    assert curve([*tail.read(), *tail.finish()], "val_loss") == [(2, 0.25)]


@pytest.mark.parametrize("name", ["m.csv", "m.json", "m.jsonl", "events.out.tfevents.1"])
def test_a_pipe_where_a_file_is_expected_freezes_nothing(
    folder: Path, reader: Open, name: str
) -> None:
    if "tfevents" in name:
        pytest.importorskip("tensorboard", reason="the tensorboard package is not installed")
    os.mkfifo(folder / name)
    assert list(reader("{dir}/" + name, begun=True).finish()) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\x00\n\xfe",
        b"a\n1,2\n1\t2\n",
        b'"a\n"b,c\n',
        b"{" * 9999,
        b"a,b\n1," + b"2" * 999_999,
    ],
)
@pytest.mark.parametrize("name", ["x.csv", "x.tsv", "x.json", "x.jsonl"])
def test_rubbish_in_a_file_is_skipped(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    curves = Curves(CaptureSpec("loss", files=(name,)), 0, 1)
    assert list(FileReader(name, curves, folder=tmp_path, cwd=tmp_path).finish()) == []


def test_a_pattern_that_names_no_readable_file_is_refused() -> None:
    with pytest.raises(PlanError, match=r"'\{dir\}/model.pt' names no file that can be read: CSV"):
        check_pattern("{dir}/model.pt")


def test_where_a_file_is_named_the_output_does_not_pass_for_the_objective(tmp_path: Path) -> None:
    folder = TrialFolder(tmp_path)
    folder.stdout.write_text("epoch 1 val_loss: 9.5 train_loss: 9.6\n")
    spec = CaptureSpec("val_loss", files=("{dir}/metrics.csv",))
    capture = TrialCapture(spec, TrialKey(0, 1), folder, tmp_path)
    assert [dict(r.metrics) for r in capture.read()] == [{"train_loss": 9.6}]
    (tmp_path / "metrics.csv").write_text("epoch,val_loss\n1,0.5\n")
    assert [dict(r.metrics) for r in capture.finish()] == [{"val_loss": 0.5}]


@pytest.mark.heavy
def test_tensorboard_events_are_read_as_they_come(folder: Path, reader: Open) -> None:
    pytest.importorskip("tensorboard", reason="the tensorboard package is not installed")
    import torch
    from torch.utils.tensorboard import SummaryWriter

    tail = reader("{dir}/runs/events.out.tfevents.*", "loss/val")
    with SummaryWriter(str(folder / "runs")) as writer:
        writer.add_scalar("loss/val", 0.5, 10)
        writer.add_text("note", "hello", 10)
        writer.add_histogram("weights", torch.ones(3), 10)
        writer.flush()
        assert curve(list(tail.read()), "loss/val") == [(10, 0.5)]
        writer.add_scalar("loss/val", 0.25, 20)
        writer.add_scalar("loss/train", 0.125, 20)
        writer.add_scalar("epoch", 1, 20)
    last = list(tail.finish())
    assert curve(last, "loss/val") == [(20, 0.25)]
    assert curve(last, "loss/train") == [(20, 0.125)]
    assert curve(last, "epoch") == []


@pytest.mark.heavy
@pytest.mark.parametrize("damage", [b"", b"\x00" * 40, b"rubbish" * 40])
def test_a_damaged_event_file_ends_where_the_damage_begins(
    folder: Path, reader: Open, damage: bytes
) -> None:
    pytest.importorskip("tensorboard", reason="the tensorboard package is not installed")
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(str(folder)) as writer:
        writer.add_scalar("val_loss", 0.5, 10)
    (events,) = folder.glob("events.out.tfevents.*")
    events.write_bytes(events.read_bytes() + damage)
    tail = reader("{dir}/events.out.tfevents.*")
    assert curve(list(tail.read()), "val_loss") == [(10, 0.5)]
    assert list(tail.read()) == []
