"""What a running sweep shows: a table that fits a terminal, and plain lines elsewhere."""

from __future__ import annotations

import io
import math

import pytest
from rich.console import Console

from lrsweep.report.live import LiveView, PlainView, QuietView, choose_view, sparkline
from lrsweep.report.progress import Progress
from lrsweep.trial import Direction, Outcome
from tests.report.builder import bowl, row


@pytest.fixture(autouse=True)
def somebody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CI", "JPY_PARENT_PID", "COLAB_RELEASE_TAG"):
        monkeypatch.delenv(name, raising=False)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def console(*, terminal: bool, width: int = 80, height: int = 24) -> Console:
    return Console(
        file=io.StringIO(), force_terminal=terminal, width=width, height=height, color_system=None
    )


def written(target: Console) -> str:
    assert isinstance(target.file, io.StringIO)
    return target.file.getvalue()


def progress(total: int = 4, clock: Clock | None = None) -> Progress:
    return Progress(Direction.MINIMIZE, total=total, clock=clock or Clock())


# -- progress -----------------------------------------------------------------------------------


def test_the_best_so_far_is_the_best_completed_one() -> None:
    counted = progress()
    assert counted.end(row(0, 0.5))
    assert not counted.end(row(1, 0.1, Outcome.PRUNED))
    assert not counted.end(row(2, math.inf))
    assert not counted.end(row(3, 0.6))
    assert counted.best is not None
    assert counted.best.number == 0


def test_a_trial_that_is_run_again_is_counted_once() -> None:
    counted = progress()
    counted.start(0, {}, "cpu")
    counted.end(row(0, None, Outcome.LOST))
    counted.start(0, {}, "cpu")
    assert not counted.ended
    counted.end(row(0, 0.5))
    assert counted.counts() == {Outcome.COMPLETED: 1}


def test_the_pace_is_that_of_this_run() -> None:
    clock = Clock()
    counted = Progress(Direction.MINIMIZE, total=5, clock=clock, before=[row(0, 0.5), row(1, 0.4)])
    counted.start(2, {}, "cpu")
    clock.now = 60.0
    counted.end(row(2, 0.3))
    assert counted.remaining_s is None  # the first one also imported and warmed caches
    counted.start(3, {}, "cpu")
    clock.now = 70.0
    counted.end(row(3, 0.3))
    assert counted.remaining_s == pytest.approx(10.0)
    counted.start(4, {}, "cpu")
    counted.report(4, 1, 0.3, 0.5)
    assert counted.remaining_s == pytest.approx(5.0)


def test_the_first_of_every_slot_is_left_out_of_the_pace() -> None:
    clock = Clock()
    counted = Progress(Direction.MINIMIZE, total=10, clock=clock)
    for number, (begins, ends) in enumerate([(0, 30), (0, 31), (30, 32), (31, 33)]):
        clock.now = begins
        counted.start(number, {}, "cpu")
        if number == 1:
            for first, at in ((0, 30), (1, 31)):
                clock.now = at
                counted.end(row(first, 0.5))
        elif number > 1:
            clock.now = ends
            counted.end(row(number, 0.5))
    assert counted.remaining_s == pytest.approx(6.0)


def test_the_live_view_says_where_the_best_rate_lies() -> None:
    rates = [10 ** (i / 4) * 1e-4 for i in range(14)]
    target = console(terminal=True, width=140)
    seen = choose_view(
        target,
        metric="val_loss",
        direction=Direction.MINIMIZE,
        total=20,
        space=("lr=1e-5:1",),
        before=[row(i, bowl(1e-2)(lr), params={"lr": lr}) for i, lr in enumerate(rates)],
    )
    assert isinstance(seen, LiveView)
    target.print(seen)
    assert "14 of 20 trials" in written(target)
    assert "the best lr lies in" in written(target)


@pytest.mark.parametrize("where", ["CI", "JPY_PARENT_PID"])
def test_ci_and_notebooks_get_plain_lines(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(where, "1")
    seen = choose_view(console(terminal=True), metric="m", direction=Direction.MINIMIZE, total=1)
    assert isinstance(seen, PlainView)


def test_a_report_that_comes_after_the_end_is_left_out() -> None:
    counted = progress()
    counted.report(7, 1, 0.5, 0.1)
    assert not counted.running


# -- plain lines --------------------------------------------------------------------------------


def test_without_a_terminal_each_ended_trial_is_one_line() -> None:
    target = console(terminal=False, width=40)
    view = choose_view(target, metric="val_loss", direction=Direction.MINIMIZE, total=3)
    assert isinstance(view, PlainView)
    view.started(["study digits"])
    for number, (value, outcome) in enumerate(
        [(0.5, None), (math.inf, None), (None, Outcome.CRASHED)]
    ):
        view.trial_started(number, {"lr": 0.1}, "cpu")
        view.reported(number, 1, 0.7, 0.5)
        view.trial_ended(row(number, value, outcome, reason="exit code 1" if outcome else ""))
    view.note("a note")
    view.finished()
    assert written(target).splitlines() == [
        "study digits",
        "[1/3] trial 0 best so far  val_loss 0.5  lr=0.1  1.2 s",
        "[2/3] trial 1 diverged  lr=0.1  1.2 s",
        "[3/3] trial 2 crashed  lr=0.1  1.2 s  exit code 1",
        "a note",
    ]


def test_quiet_says_nothing() -> None:
    target = console(terminal=True)
    view = choose_view(target, metric="m", direction=Direction.MINIMIZE, total=1, quiet=True)
    assert type(view) is QuietView
    view.started(["line"])
    view.trial_ended(row(0, 0.5))
    view.note("note")
    view.finished()
    assert written(target) == ""


# -- the live table -----------------------------------------------------------------------------


def lines_of(running: int, *, width: int, height: int) -> list[str]:
    clock = Clock()
    view = LiveView(console(terminal=True), "val_loss", progress(running + 1, clock))
    view.trial_ended(row(99, 0.25))
    for number in range(running):
        view.trial_started(number, {"lr": 0.1, "text": "long " * 30}, "cpu")
        view.reported(number, 1, 0.5, 0.25)
        view.reported(number, 2, 0.4, 0.5)
    clock.now = 60.0
    target = console(terminal=False, width=width, height=height)
    target.print(view)
    return written(target).splitlines()


@pytest.mark.parametrize("width", [40, 80, 140])
@pytest.mark.parametrize("height", [6, 12, 40])
@pytest.mark.parametrize("running", [0, 1, 30])
def test_the_table_is_never_taller_or_wider_than_the_terminal(
    running: int, height: int, width: int
) -> None:
    lines = lines_of(running, width=width, height=height)
    assert len(lines) < height
    assert max(map(len, lines)) <= width


def test_the_table_shows_progress_the_totals_and_the_best() -> None:
    text = "\n".join(lines_of(2, width=120, height=24))
    assert "0.4" in text
    assert "█▁" in text
    assert "1 of 3 trials  1 completed  1 min 00 s" in text
    assert "left" not in text  # nothing is known of the pace yet
    assert "trial 99 best so far  val_loss 0.25" in text


def test_trials_that_do_not_fit_are_counted() -> None:
    assert "and 29 more running" in lines_of(30, width=80, height=6)


def test_the_live_view_takes_and_releases_the_terminal() -> None:
    target = console(terminal=True)
    view = choose_view(target, metric="val_loss", direction=Direction.MINIMIZE, total=2)
    assert isinstance(view, LiveView)
    view.started(["study digits"])
    view.trial_started(0, {"lr": 0.1}, "cpu")
    view.trial_ended(row(0, None, Outcome.CRASHED, reason="exit code 1"))
    view.note("a note")
    view.finished()
    text = written(target)
    assert "exit code 1" in text
    assert "a note" in text
    assert text.endswith("\x1b[?25h") or "\x1b[?25h" in text  # the cursor is shown again


@pytest.mark.parametrize(
    ("values", "bars"), [([], ""), ([1.0], ""), ([1.0, 1.0], "▁▁"), ([2.0, 1.5, 1.0], "█▅▁")]
)
def test_sparklines(values: list[float], bars: str) -> None:
    assert sparkline(values) == bars
