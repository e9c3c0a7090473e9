"""Views of a running sweep: a live table on a terminal, one line for each trial elsewhere."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from lrsweep.analysis.wording import duration, number, plain
from lrsweep.report.axes import landscape
from lrsweep.report.intervals import interval_of
from lrsweep.report.outcomes import TONES, outcome_said
from lrsweep.report.parts import line as said
from lrsweep.report.progress import REMEMBERED, Progress, RunningTrial
from lrsweep.report.terminal import STYLES, text_of
from lrsweep.trial import Direction, Outcome, Params, StudyRows, TrialRow

_BARS = "▁▂▃▄▅▆▇█"
_REFRESHES_A_SECOND = 4
# Lines beside the running trials: heading, how many more, totals, best, and one to spare.
_OTHER_LINES = 5
_BAR = 12
_WIDE = 70
# Where one of these is set, nobody looks at a display that is redrawn.
_NOBODY_WATCHES = ("CI", "JPY_PARENT_PID", "COLAB_RELEASE_TAG")
# Where the best rate lies is asked of so many ended trials, so often.
_FEWEST, _MOST, _EVERY_S = 8, 500, 5.0


class QuietView:
    """What a sweep tells as it goes. This one keeps it to itself."""

    def started(self, plan_lines: list[str]) -> None:
        """The sweep begins; `plan_lines` echo what it is going to do."""

    def trial_started(self, number: int, params: Params, slot: str) -> None:
        """A trial begins on `slot`."""

    def reported(self, number: int, step: int, value: float | None, fraction: float | None) -> None:
        """A running trial reported; `fraction` of its budget is spent, 0 to 1."""

    def trial_ended(self, row: TrialRow) -> None:
        """An attempt at a trial ended."""

    def note(self, text: str) -> None:
        """Something the user should know, one sentence."""

    def finished(self) -> None:
        """The sweep is over; the view lets go of the terminal."""


def choose_view(
    console: Console,
    *,
    metric: str,
    direction: Direction,
    total: int,
    before: Iterable[TrialRow] = (),
    space: Sequence[str] = (),
    quiet: bool = False,
) -> QuietView:
    """The view that suits `console`, which writes to stderr.

    That is plain lines in pipes, CI and notebooks. `space` is what is searched; `total` is how many
    trials the study is to have in the end. `before` are those that earlier runs left: they count,
    and their best is to be beaten.
    """
    if quiet:
        return QuietView()
    progress = Progress(direction, total=total, before=before, clock=time.monotonic)
    redrawn = console.is_terminal and not console.is_dumb_terminal and not console.is_jupyter
    if redrawn and not any(os.environ.get(name) for name in _NOBODY_WATCHES):
        return LiveView(console, metric, progress, space)
    return PlainView(console, metric, progress)


class PlainView(QuietView):
    """One line for each trial that ended: for logs, pipes and CI."""

    def __init__(self, console: Console, metric: str, progress: Progress) -> None:
        self._console = console
        self._metric = metric
        self._progress = progress

    def started(self, plan_lines: list[str]) -> None:
        for line in plan_lines:
            self._print(Text(line))

    def trial_started(self, number: int, params: Params, slot: str) -> None:
        self._progress.start(number, params, slot)

    def trial_ended(self, row: TrialRow) -> None:
        best = self._progress.end(row)
        count = f"[{len(self._progress.ended)}/{self._progress.expected}] "
        self._print(Text(count).append_text(_ended_line(row, self._metric, best)))

    def note(self, text: str) -> None:
        self._print(Text(text))

    def _print(self, text: Text) -> None:
        self._console.print(text, soft_wrap=True)


class LiveView(QuietView):
    """The running trials, the totals and the best so far, redrawn in place.

    Nothing is taller than the terminal. Trials that were best when they ended, and those that went
    wrong, stay above as lines.
    """

    def __init__(
        self, console: Console, metric: str, progress: Progress, space: Sequence[str] = ()
    ) -> None:
        self._console = console
        self._metric = metric
        self._progress = progress
        self._best = _BestRate(metric, progress, space)
        # The display is redrawn by a thread of its own, so that the elapsed time moves.
        self._lock = threading.Lock()
        self._live = Live(
            get_renderable=lambda: self,
            console=console,
            refresh_per_second=_REFRESHES_A_SECOND,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def started(self, plan_lines: list[str]) -> None:
        for line in plan_lines:
            self._console.print(Text(line))
        self._live.start()

    def trial_started(self, number: int, params: Params, slot: str) -> None:
        with self._lock:
            self._progress.start(number, params, slot)

    def reported(self, number: int, step: int, value: float | None, fraction: float | None) -> None:
        with self._lock:
            self._progress.report(number, step, value, fraction)

    def trial_ended(self, row: TrialRow) -> None:
        with self._lock:
            best = self._progress.end(row)
        # Printed outside the lock: the console waits for the drawing thread, and that for the lock.
        if best or (row.outcome is not None and row.outcome.failed):
            self._console.print(_ended_line(row, self._metric, best))

    def note(self, text: str) -> None:
        self._console.print(Text(text))

    def finished(self) -> None:
        self._live.stop()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        room = max(1, console.height - _OTHER_LINES)
        with self._lock:
            running = list(self._progress.running.values())
            yield from self._running(running[:room], options.max_width, options.ascii_only)
            if len(running) > room:
                yield Text(f"and {len(running) - room} more running", style="dim")
            yield from self._totals()

    def _running(
        self, running: Sequence[RunningTrial], width: int, ascii_only: bool
    ) -> Iterator[Table]:
        if not running:
            return
        wide = width >= _WIDE and not ascii_only
        table = Table(
            box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim", expand=True
        )
        table.add_column("trial", justify="right", width=5)
        table.add_column("progress", width=_BAR)
        table.add_column(Text(self._metric), justify="right", width=max(9, len(self._metric)))
        if wide:
            table.add_column("", width=REMEMBERED)
        table.add_column("parameters", no_wrap=True, overflow="ellipsis", ratio=1)
        for trial in running:
            last = number(trial.values[-1]) if trial.values else ""
            spark = [Text(sparkline(trial.values), style="cyan")] if wide else []
            params = Text("  ".join(f"{k}={plain(v)}" for k, v in trial.params.items()))
            table.add_row(str(trial.number), _bar(trial), last, *spark, params)
        yield table

    def _totals(self) -> Iterator[RenderableType]:
        progress = self._progress
        line = Text(no_wrap=True, overflow="ellipsis")
        line.append(f"{len(progress.ended)} of {progress.expected} trials", "bold")
        for outcome, count in sorted(progress.counts().items()):
            line.append(f"  {count} ", STYLES[TONES[outcome]])
            line.append_text(text_of(said(outcome_said(outcome))))
        line.append(f"  {duration(progress.elapsed_s)}", "dim")
        if (left := progress.remaining_s) is not None:
            line.append(f", about {duration(left)} left", "dim")
        bar = ProgressBar(
            total=max(1, progress.total),
            completed=progress.done,
            width=_BAR,
            complete_style="green",
        )
        grid = Table.grid(padding=(0, 2), expand=True)
        grid.add_column(width=_BAR)
        grid.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        grid.add_row(bar, line)
        yield grid
        if progress.best is not None:
            best = _ended_line(progress.best, self._metric, best=True)
            yield best.append(self._best.words, "dim")


class _BestRate:
    """Where the best rate lies, by the trials that ended; looked at again now and then."""

    def __init__(self, metric: str, progress: Progress, space: Sequence[str]) -> None:
        self._metric = metric
        self._progress = progress
        self._space = tuple(space)
        self._asked_at = -math.inf
        self._words = ""

    @property
    def words(self) -> str:
        """ "  the best lr lies in 0.0087 … 0.11"; empty while too little is known."""
        rows, now = self._progress.rows, self._progress.elapsed_s
        if self._space and _FEWEST <= len(rows) <= _MOST and now - self._asked_at > _EVERY_S:
            self._asked_at = now
            self._words = self._look(tuple(rows.values()))
        return self._words

    def _look(self, trials: tuple[TrialRow, ...]) -> str:
        direction = self._progress.direction
        rows = StudyRows("", "", self._metric, direction, space=self._space, trials=trials)
        land = landscape(rows)
        interval = interval_of(land, land.home)
        if interval is None or not land.axes:
            return ""
        return f"  the best {land.axes[0].name} lies in {interval.words}"


def sparkline(values: Sequence[float]) -> str:
    """`values` as bars from the lowest to the highest; empty for fewer than two."""
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    scale = (len(_BARS) - 1) / (high - low) if high > low else 0.0
    return "".join(_BARS[round((value - low) * scale)] for value in values)


def _bar(trial: RunningTrial) -> ProgressBar | Text:
    if trial.fraction is None:
        return Text("starting" if trial.step is None else f"step {trial.step}", style="dim")
    return ProgressBar(total=1.0, completed=trial.fraction, width=_BAR, complete_style="cyan")


def _ended_line(row: TrialRow, metric: str, best: bool) -> Text:
    """ "trial 12 completed  val_loss 0.0812  lr=0.0316  1.2 s  best so far"."""
    line = Text(f"trial {row.number} ", no_wrap=True, overflow="ellipsis")
    if best:
        line.append(f"best so far  {metric} {number(row.value or 0.0)}", "bold green")
    elif row.outcome is not None:
        line.append_text(text_of(said(outcome_said(row.outcome))))
        if row.value is not None and row.outcome is not Outcome.DIVERGED:
            line.append(f"  {metric} {number(row.value)}")
    line.append("  " + "  ".join(f"{name}={plain(value)}" for name, value in row.params.items()))
    if row.wall_s is not None:
        line.append(f"  {duration(row.wall_s)}", "dim")
    if row.reason:
        line.append(f"  {row.reason}", "yellow")
    return line
