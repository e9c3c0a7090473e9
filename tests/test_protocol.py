from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from lrsweep.protocol import EventReader, TrialFolder, decode_report, encode_report, encode_stopped
from lrsweep.trial import Report

REPORT = Report(3, 2, 7, {"val_loss": 0.25, "val/acc": 0.9}, examples=640, fraction=0.5, at=12.5)


@pytest.fixture(params=["plain", "with space", "quo'te\"s", "new\nline", "ünïcödé"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> TrialFolder:
    folder = TrialFolder.of(tmp_path / request.param, 12)
    folder.path.mkdir(parents=True)
    return folder


def test_a_report_reads_back_as_it_was_written() -> None:
    assert decode_report(encode_report(REPORT)) == REPORT


@pytest.mark.parametrize("value", [math.inf, -math.inf])
def test_infinite_values_survive(value: float) -> None:
    report = Report(0, 1, 1, {"loss": value})
    assert decode_report(encode_report(report)) == report


def test_nan_survives_and_null_reads_as_nan() -> None:
    for line in (encode_report(Report(0, 1, 1, {"loss": math.nan})), _line(metrics={"loss": None})):
        report = decode_report(line)
        assert report is not None
        assert math.isnan(report.metrics["loss"])


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"[1]",
        b"null",
        b'"text"',
        b"\x00\xff\xfe",
        b'{"event":"report"}',
        b'{"event":"note","trial":0}',
        b'{"event":"report","trial":0,"attempt":1,"step":1e999,"metrics":{}}',
        b'{"event":"report","trial":0,"attempt":1,"step":1,"metrics":{"a":"b"}}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_report_is_none(line: bytes) -> None:
    assert decode_report(line) is None


def _line(**changes: object) -> bytes:
    event = {"event": "report", "trial": 0, "attempt": 1, "step": 1, "metrics": {}, **changes}
    return json.dumps(event).encode()


def test_a_reader_goes_on_where_it_stopped(folder: TrialFolder) -> None:
    reader = EventReader(folder.events)
    assert list(reader.read()) == []
    folder.events.write_bytes(encode_report(REPORT))
    assert list(reader.read()) == [REPORT]
    assert list(reader.read()) == []
    with folder.events.open("ab") as file:
        file.write(encode_report(REPORT) * 2)
    assert list(reader.read()) == [REPORT, REPORT]


def test_a_torn_line_waits_for_its_rest(folder: TrialFolder) -> None:
    line = encode_report(REPORT)
    reader = EventReader(folder.events)
    folder.events.write_bytes(line[:20])
    assert list(reader.read()) == []
    with folder.events.open("ab") as file:
        file.write(line[20:])
    assert list(reader.read()) == [REPORT]


def test_rubbish_between_reports_is_passed_over(folder: TrialFolder) -> None:
    line = encode_report(REPORT)
    folder.events.write_bytes(line + b"\x00\x01 rubbish\n\n" + b"x" * 3_000_000 + b"\n" + line)
    assert list(EventReader(folder.events).read()) == [REPORT, REPORT]


def test_a_reader_sees_that_the_process_obeyed(folder: TrialFolder) -> None:
    reader = EventReader(folder.events)
    folder.events.write_bytes(encode_report(REPORT) + encode_stopped(3, 2))
    assert list(reader.read()) == [REPORT]
    assert reader.stopped


def test_trial_json_reads_back_and_half_of_one_reads_as_nothing(folder: TrialFolder) -> None:
    assert folder.read_trial() == {}
    folder.write_trial({"trial": 12, "params": {"name": "ünïcödé"}})
    assert folder.read_trial() == {"trial": 12, "params": {"name": "ünïcödé"}}
    assert sorted(p.name for p in folder.path.iterdir()) == ["trial.json"]
    folder.trial_json.write_text('{"trial": 1')
    assert folder.read_trial() == {}
