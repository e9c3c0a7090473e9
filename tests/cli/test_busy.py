"""A spinner says what takes longer; where nobody looks, nothing is printed."""

from __future__ import annotations

import subprocess
import sys

import pexpect

WAITS = """
import sys, time
from lrsweep.cli import console
console._BUSY_AFTER_S = float(sys.argv[1])
with console.busy("reading the study"):
    time.sleep(0.5)
print("done")
"""


def in_terminal(after_s: str) -> str:
    child = pexpect.spawn(sys.executable, ["-c", WAITS, after_s], encoding="utf-8", timeout=60)
    child.expect(pexpect.EOF)
    return str(child.before)


def test_what_takes_longer_is_said_on_a_terminal() -> None:
    assert "reading the study …" in in_terminal("0.01")


def test_what_is_quick_is_not() -> None:
    assert in_terminal("600").strip() == "done"


def test_a_pipe_gets_no_spinner() -> None:
    done = subprocess.run([sys.executable, "-c", WAITS, "0"], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("done\n", "")
