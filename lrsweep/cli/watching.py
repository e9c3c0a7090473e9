"""`lrsweep report --watch`: the report of a running sweep, made again as trials end. Read only."""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.console import Console
from rich.live import Live
from rich.text import Text

from lrsweep.report.document import document
from lrsweep.report.study_report import StudyReport
from lrsweep.report.terminal import print_parts

LEAST_S = 5.0
# Of the time between two looks, at most this share is spent on looking.
_SHARE = 0.04


def watch(read: Callable[[], StudyReport], show: Callable[[StudyReport], None]) -> None:
    """Read and show again and again, until Ctrl-C; what did not change is not shown again."""
    shown: object = None
    while True:
        began = time.process_time()
        report = read()
        state = [(t.number, t.attempt, t.outcome, t.value) for t in report.rows.trials]
        if state != shown:
            show(report)
            shown = state
        cost = time.process_time() - began
        time.sleep(max(LEAST_S, cost / _SHARE))


def watch_terminal(read: Callable[[], StudyReport], console: Console) -> None:
    """The top of the report on a screen of its own; in a pipe each report below the last."""
    if not console.is_terminal or console.is_dumb_terminal:
        watch(read, lambda report: print_parts(document(report), console))
        return
    with Live(console=console, screen=True, auto_refresh=False) as live:

        def show(report: StudyReport) -> None:
            with console.capture() as held:
                print_parts(document(report, whole=False), console)
            live.update(Text.from_ansi(held.get()), refresh=True)

        watch(read, show)
