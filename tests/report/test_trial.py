"""One trial, and the logs of trials whatever they hold."""

from __future__ import annotations

import io
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from lrsweep.errors import NotFound
from lrsweep.report.diagnoses import training_beside
from lrsweep.report.log_file import LONGEST, follow_log, last_lines, log_path, read_log
from lrsweep.report.log_file import shown as shown_log
from lrsweep.report.terminal import print_parts
from lrsweep.report.trial import curve_chart, trial_parts
from lrsweep.trial import Curve, Direction, Outcome, StudyRows
from tests.report.builder import row, study

LOSS = Curve("val_loss", (1, 2, 3), (2.0, 1.0, 0.5))


def shown(rows: StudyRows, number: int, *curves: Curve) -> str:
    text = io.StringIO()
    print_parts(trial_parts(rows, number, curves), Console(file=text, width=80))
    return text.getvalue()


def test_a_trial_is_shown_with_its_rank_curve_metrics_and_command() -> None:
    rows = study([row(0, 0.5, seed=7), row(1, 0.25)])
    text = shown(rows, 0, LOSS, Curve("val_accuracy", (3,), (0.9,)))
    assert "0.5  (number 2 of 2 completed)" in text
    assert "val_loss by step" in text
    assert "seed       7" in text
    assert text.splitlines()[-1] == "  python studies/digits/train.py --lr=0.1"


def test_a_trial_says_what_its_loss_curve_looks_like() -> None:
    rows = study([row(0, 0.5), row(1, 0.25)])
    falling = tuple(range(20, 0, -1))
    curve = Curve("val_loss", tuple(range(20)), tuple(float(loss) for loss in falling))
    assert "curve      still improving: val_loss was still falling at the end" in shown(
        rows, 0, curve
    )
    assert "curve " not in shown(rows, 0, LOSS)


def test_a_trial_that_crashed_says_why() -> None:
    rows = study([row(0, None, Outcome.CRASHED, reason="exit code 1: boom", exit_code=1)])
    text = shown(rows, 0)
    assert "crashed" in text
    assert "exit code 1: boom" in text


def test_an_unknown_trial_is_refused_with_those_there_are() -> None:
    with pytest.raises(NotFound, match=r"has no trial 9; it has 0 to 1"):
        shown(study([row(0, 0.5), row(1, 0.25)]), 9)
    with pytest.raises(NotFound, match="it has none yet"):
        shown(study([]), 0)


def test_the_end_of_the_logs_is_shown_without_colours_and_progress_bars(tmp_path: Path) -> None:
    (tmp_path / "stdout.log").write_bytes(b"\x1b[31mred\x1b[0m\n 10%\r 50%\r100%\r\n\xff\x00end")
    text = shown(study([row(0, 0.5, folder=str(tmp_path))]), 0)
    assert "End of stdout.log\nred\n100%\n\ufffd\ufffdend" in text
    assert "stderr.log" not in text


def test_points_that_are_not_finite_are_marked_and_break_the_curve() -> None:
    curve = Curve("val_loss", (1, 2, 3), (1.0, math.nan, 2.0))
    chart = curve_chart(curve, Direction.MINIMIZE)
    assert chart is not None
    assert chart.series[0].points == [(2, math.inf)]
    assert curve_chart(Curve("x", (1,), (math.nan,)), Direction.MINIMIZE) is None


def test_the_training_loss_is_drawn_beside_the_validation_loss() -> None:
    curves = [
        Curve(name, (1, 2, 3), values)
        for name, values in (
            ("val_loss", (2.0, 1.0, 1.5)),
            ("train_loss", (2.0, 0.5, math.nan)),
            ("val_accuracy", (0.1, 0.5, 0.6)),
        )
    ]
    chart = curve_chart(curves[0], Direction.MINIMIZE, training_beside("val_loss", curves))
    assert chart is not None
    assert [(s.label, s.points) for s in chart.series if s.points] == [
        ("train_loss", [(1, 2.0), (2, 0.5)])
    ]
    assert training_beside("val_accuracy", curves) is None
    assert training_beside("train_loss", curves) is None


# -- logs ---------------------------------------------------------------------------------------


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "stdout.log"


@given(st.binary(max_size=400), st.integers(1, 8))
def test_a_tail_is_the_last_lines_byte_for_byte(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, count: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "tail.log"
    path.write_bytes(content)
    lines = content.split(b"\n")
    if lines[-1] == b"":
        lines = lines[:-1]
    expected = b"\n".join(lines[-count:]) + (b"\n" if content.endswith(b"\n") else b"")
    assert b"".join(read_log(path, tail=count)) == expected


def test_a_tail_that_spans_blocks(log: Path) -> None:
    log.write_bytes(b"x" * 70_000 + b"\n" + b"y" * 70_000 + b"\n")
    assert b"".join(read_log(log, tail=1)) == b"y" * 70_000 + b"\n"
    assert len(b"".join(read_log(log, tail=2))) == 140_002


def test_following_reads_what_is_appended_until_the_trial_ended(log: Path) -> None:
    log.write_bytes(b"one\n")
    later = [b"two\n", b"three\n"]

    def append() -> None:
        with log.open("ab") as file:
            file.write(later.pop(0))

    blocks = follow_log(log, tail=None, ended=lambda: not later, wait=append)
    assert b"".join(blocks) == b"one\ntwo\nthree\n"


def test_what_is_written_just_before_the_end_is_not_missed(log: Path) -> None:
    log.write_bytes(b"one\n")

    def ended() -> bool:
        with log.open("ab") as file:
            file.write(b"last words\n")
        return True

    assert b"".join(follow_log(log, tail=None, ended=ended, wait=lambda: None)) == (
        b"one\nlast words\n"
    )


def test_a_log_that_is_gone_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="trial 4 has no log"):
        log_path(row(4, 0.5, folder=str(tmp_path / "gone")), stderr=False)


def test_last_lines_of_a_short_file(log: Path) -> None:
    log.write_text("only one")
    assert last_lines(log, 10) == ["only one"]


def as_shown(content: bytes, *, block: int = 7, follow: bool = False) -> list[str]:
    blocks = (content[at : at + block] for at in range(0, len(content), block))
    return b"".join(shown_log(blocks, follow=follow)).decode().splitlines()


@pytest.mark.parametrize("block", [1, 2, 3, 1000])
def test_a_log_is_shown_without_what_a_terminal_obeys(block: int) -> None:
    content = b"\x1b[31mred\x1b[0m\r\n 10%\r 50%\r100%\r\n\n\x9b31mx\xc2\x9b2J\xe2\x80\xaey"
    assert as_shown(content, block=block) == ["red", "100%", "", "\ufffd31mx\ufffdy"]


def test_one_who_follows_sees_every_state_of_a_line() -> None:
    assert as_shown(b" 10%\r 50%\r100%\r\nend", follow=True) == [" 10%", " 50%", "100%", "end"]


@given(st.text(alphabet="ab\n\r", max_size=30), st.integers(1, 9))
def test_blocks_do_not_matter(text: str, block: int) -> None:
    assert as_shown(text.encode(), block=block) == as_shown(text.encode(), block=100)


def test_a_line_of_many_megabytes_is_cut_and_said_to_be(log: Path) -> None:
    log.write_bytes(b"x" * 20_000_000 + b"\nend\n")
    first, last = last_lines(log, 10)
    assert first == "x" * LONGEST + " … 19990000 more bytes; --raw shows them"
    assert last == "end"
