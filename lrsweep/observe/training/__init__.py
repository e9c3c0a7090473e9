"""The observer: what torch does in this process, written to the trial's events.

    events       lines for the trial's `events.jsonl`
    guarding     our code inside torch's: no exception and no frame of it is ever seen
    losses       the loss of a step, out of the losses that `backward` was called on
    thinning     which steps become points
    optimizers   what an optimizer is, and the rates of its groups
    norms        gradient norm and size of the update, at a sample of steps
    naming       what the script calls an optimizer
    smoothing    a running mean of the loss, and when it has exploded
    saving       where files go that are saved during a range test
    ramp         the range test: rates that rise, and the end of the process
    observer     all of it put together
    hooks        where torch calls the observer

Python 3.10 and the standard library: it runs beside whatever torch the script has.
"""

from __future__ import annotations

import os
import sys


def start() -> None:
    """Observe this process; torch is imported. Nothing happens where it is observed already."""
    from .hooks import install

    install(sys.modules["torch"], os.environ)
