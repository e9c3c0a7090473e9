"""The one place that makes consoles, and that knows how to write to a pipe which may close."""

from __future__ import annotations

import codecs
import io
import os
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NoReturn, TextIO

from rich.console import Console

from lrsweep.report.console import CleanConsole

# How a terminal that knows ASCII alone spells what lrsweep prints.
_ASCII = {"…": "..", "×": "x", "–": "-", "●": "o", "★": "@"}
_BUSY_AFTER_S = 1.0
_SPELLED = "lrsweep.spelled"


class _PipeConsole(CleanConsole):
    def on_broken_pipe(self) -> None:
        self.quiet = True
        _leave_quietly()


def out_console() -> Console:
    """The console of standard output: what was asked for."""
    return _console(sys.stdout)


def err_console() -> Console:
    """The console of standard error: progress and remarks."""
    return _console(sys.stderr)


def text_console(file: TextIO) -> Console:
    """A console that writes plain text into `file`, as wide as the terminal."""
    return CleanConsole(
        file=file,
        width=_console(sys.stdout).width,
        color_system=None,
        markup=False,
        highlight=False,
    )


@contextmanager
def busy(what: str) -> Iterator[None]:
    """A spinner on standard error, where that is a terminal, once `what` takes over a second."""
    console = err_console()
    if not console.is_terminal or console.is_dumb_terminal:
        yield
        return
    status, lock, over = console.status(f"{what} …"), threading.Lock(), threading.Event()

    def begin() -> None:
        with lock:
            if not over.is_set():
                status.start()

    timer = threading.Timer(_BUSY_AFTER_S, begin)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        over.set()
        with lock:
            status.stop()


def write_out(blocks: Iterable[bytes]) -> None:
    """Write `blocks` to standard output as they are."""
    sys.stdout.flush()
    try:
        for block in blocks:
            sys.stdout.buffer.write(block)
            sys.stdout.buffer.flush()
    except BrokenPipeError:
        _leave_quietly()


def _console(stream: TextIO) -> Console:
    if isinstance(stream, io.TextIOWrapper) and not stream.encoding.lower().startswith("utf"):
        codecs.register_error(_SPELLED, _spell)
        stream.reconfigure(errors=_SPELLED)
    return _PipeConsole(file=stream, markup=False, emoji=False, highlight=False)


def _spell(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    text = error.object[error.start : error.end]
    return "".join(_ASCII.get(char, "?") for char in text), error.end


def _leave_quietly() -> NoReturn:
    """End as if all had been read: the reader of a pipe (`| head`) has seen enough."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise SystemExit(0)
