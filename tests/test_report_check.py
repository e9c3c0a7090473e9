"""What the boundary lets through: of hostile lines nothing, and all that stands beside them."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from lrsweep.protocol import EventReader, encode_report, encode_stopped
from lrsweep.report_check import Unsound, check_report
from lrsweep.trial import Report, TrialKey

KEY = TrialKey(3, 2)
GOOD = Report(3, 2, 7, {"val_loss": 0.25}, examples=640, fraction=0.5, at=12.5)


def line(**changes: object) -> bytes:
    event = {"event": "report", "trial": 3, "attempt": 2, "step": 1, "metrics": {"a": 1}}
    return json.dumps({**event, **changes}).encode()


HOSTILE = {
    "its step needs more than 64 bits": [line(step=2**63), line(step=10**400), line(step=1e300)],
    "its step is no whole number": [line(step="x"), line(step=None), line(step=1.5), line(step=[])],
    "its examples needs more than 64 bits": [line(examples=-(2**63) - 1)],
    "a value is larger than any number of 64 bits": [line(metrics={"a": 10**400})],
    "a value is no number": [line(metrics={"a": "b"}), line(metrics={"a": []})],
    "it has no metrics": [line(metrics=3), line(metrics=None)],
    "the name of a metric holds a NUL character": [line(metrics={"a\0b": 1})],
    "the name of a metric is no Unicode text": [line(metrics={"\ud800": 1})],
    "the name of a metric has 256 characters": [line(metrics={"a" * 256: 1})],
    "its fraction is not finite": [line(fraction=math.nan), line(fraction=math.inf)],
    "its time is not finite": [line(at=math.inf)],
    "it is another trial's, or of an earlier attempt": [
        line(trial=99),
        line(trial=10**30),
        line(attempt=1),
        encode_stopped(3, 1).strip(),
    ],
    "it is another study's": [line(study="theirs")],
}


@pytest.mark.parametrize("why", HOSTILE)
def test_what_cannot_be_kept_is_refused_once_and_all_beside_it_is_read(
    tmp_path: Path, why: str
) -> None:
    file = tmp_path / "events.jsonl"
    good = encode_report(GOOD, "ours")
    file.write_bytes(good + b"".join(hostile + b"\n" + good for hostile in HOSTILE[why]))
    reader = EventReader(file, key=KEY, study="ours")
    assert list(reader.read()) == [GOOD] * (len(HOSTILE[why]) + 1)
    assert reader.refused == [why]
    assert not reader.stopped


@pytest.mark.parametrize(
    "rubbish", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"1" * 5000, b"null", b'{"event":{}}']
)
def test_what_is_no_event_is_passed_over(tmp_path: Path, rubbish: bytes) -> None:
    file = tmp_path / "events.jsonl"
    file.write_bytes(rubbish + b"\n" + encode_report(GOOD))
    reader = EventReader(file, key=KEY)
    assert list(reader.read()) == [GOOD]
    assert reader.refused == []


def test_a_line_without_end_is_dropped_and_what_follows_is_read(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_bytes(b"x" * 5_000_000)
    reader = EventReader(file, key=KEY)
    assert list(reader.read()) == []
    with file.open("ab") as more:
        more.write(b"x\n" + encode_report(GOOD))
    assert list(reader.read()) == [GOOD]
    assert reader.refused == ["it is longer than a megabyte"]


@pytest.mark.parametrize("step", [-(2**63), -1, 0, 2**31, 2**63 - 1])
def test_steps_of_64_bits_are_sound(step: int) -> None:
    check_report(Report(0, 1, step, {"a": math.nan}))


def test_what_was_read_from_output_passes_the_same_boundary() -> None:
    with pytest.raises(Unsound, match="its step needs more than 64 bits"):
        check_report(Report(0, 1, 10**30, {"a": 1.0}))
