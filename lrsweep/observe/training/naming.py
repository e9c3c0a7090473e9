"""What the script calls an optimizer, read from the line that steps it."""

from __future__ import annotations

import linecache
import os
import re
import sys
from types import FrameType

# `opt_d.step()`, `self.opt_d.step(closure)`, `scaler.step(opt_d)`
_CALLED = re.compile(r"(?:\w+\s*\.\s*)*?(\w+)\s*\.\s*step\s*\(\s*([A-Za-z_][\w.]*)?")
_SCALER = re.compile(r"scaler", re.IGNORECASE)
_MOST_FRAMES = 12
# Where `lrsweep.train` raises the rate itself.
_RANGE_TEST = os.path.join("lrsweep", "train", "range_test.py")


def name_in_script(default: str) -> str:
    """The name before `.step(` in the nearest line outside torch; `default` where none tells."""
    frame: FrameType | None = sys._getframe(1)
    for _ in range(_MOST_FRAMES):
        if frame is None:
            break
        file = frame.f_code.co_filename
        if "/torch/" not in file and "/observe/training/" not in file:
            found = _CALLED.search(linecache.getline(file, frame.f_lineno))
            if found is not None:
                name, argument = found.groups()
                if _SCALER.search(name) and argument:
                    name = argument.rpartition(".")[2]
                return name
        frame = frame.f_back
    return default


def tests_rates_itself() -> bool:
    """Whether this step is one of a range test that the script runs through `lrsweep.train`."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_filename.endswith(_RANGE_TEST):
            return True
        frame = frame.f_back
    return False
