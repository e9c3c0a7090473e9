"""What a warm start saves each trial: the time that the imports take which it does once for all."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Sequence

from lrsweep.processes.launcher.imports import library_imports
from lrsweep.processes.launcher.preload import left_out
from lrsweep.trial import Job

_IMPORT = """
import importlib, json, sys
for name, inner in json.loads(sys.argv[1]):
    try:
        module = importlib.import_module(name)
        for each in inner:
            if not hasattr(module, each):
                importlib.import_module(name + "." + each)
    except (Exception, SystemExit):
        pass
"""
# A fork and what the launcher sets up in it; less than this is no gain worth a word.
_FORK_S = 0.1
_LONGEST_S = 120.0


def warm_start_saves(job: Job, notes: Sequence[str]) -> float:
    """Seconds that each trial of the kind of `job` is spared, measured in a process of its own.

    Libraries that `notes` say are left out of the launcher are not counted: each trial imports
    them. 0 where nothing is saved.
    """
    skipped = left_out(notes)
    imports = [
        (item.module, item.names)
        for item in library_imports(job.argv, job.cwd)
        if item.module.partition(".")[0] not in skipped
    ]
    began = time.monotonic()
    with contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run(
            [sys.executable, "-c", _IMPORT, json.dumps(imports)],
            cwd=job.cwd,
            env=dict(job.env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_LONGEST_S,
            check=False,
        )
    return max(0.0, time.monotonic() - began - _FORK_S)
