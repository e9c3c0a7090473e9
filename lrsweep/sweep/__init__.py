"""Drives one sweep: ask, place, tail, decide, tell; and tells a listener what happened.

listener      what a sweep tells while it runs, and how it ended
earlier       the trials of another study, to learn from
preview       what a sweep would do first; whether it could run
signals       Ctrl-C and its like, collected
run           the loop
"""

from lrsweep.sweep.listener import Listener, SweepEnd
from lrsweep.sweep.preview import check_sweep, first_commands, first_jobs
from lrsweep.sweep.run import run_sweep

__all__ = ["Listener", "SweepEnd", "check_sweep", "first_commands", "first_jobs", "run_sweep"]
