"""One run of a command as a trial would run it, to see what it shows, and the line that sweeps it.

run           the run: its metrics, its time, the files that it wrote
warm_start    what a warm start saves each trial, measured
line          the line of `lrsweep run` that follows from it
"""

from lrsweep.probing.run import ProbeRun, run_once

__all__ = ["ProbeRun", "run_once"]
