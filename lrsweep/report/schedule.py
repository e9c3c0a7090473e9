"""A learning-rate schedule: drawn, or as a table of step and rate for other programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence

from lrsweep.analysis.schedules import Schedule, Warmup
from lrsweep.analysis.wording import counted, number
from lrsweep.report.chart import Chart
from lrsweep.report.scale import Scale

# A plot has fewer dots than this, and at least one of each step of a short training.
_DRAWN = 2000
# From this ratio on a schedule that never reaches 0 is drawn on a log scale.
_LOG_FROM = 20.0
_FOLLOWS = "plateau follows the validation loss: this is the rate as long as that keeps falling"


def rates(schedule: Schedule, lr: float, warmup: Warmup, steps: int) -> list[float]:
    """The learning rate of each optimizer step 0 … `steps` - 1."""
    multiplier = schedule.by_step(steps, warmup)
    return [lr * multiplier(step) for step in range(steps)]


def schedule_plot(schedule: Schedule, warmup: Warmup, found: Sequence[float]) -> Chart:
    """The rates `found` by step; on a log scale where the schedule multiplies."""
    stride = max(1, len(found) // _DRAWN)
    shown = [(step, found[step]) for step in {*range(0, len(found), stride), len(found) - 1}]
    low, high = min(found), max(found)
    log = schedule.name in ("exponential", "step") and low > 0 and high >= _LOG_FROM * low
    share = warmup.of(len(found))
    after = f", warm-up over {counted(round(share * len(found)), 'step')}" if share else ""
    return Chart(
        title=f"{schedule}{after}: learning rate by step",
        x=Scale.around([0, len(found)]),
        y=Scale.around([high, low if log else 0.0], log),
        x_label="step",
        line=sorted(shown),
        notes=[
            f"highest {number(high)} at step {found.index(high)}, last {number(found[-1])}",
            *([_FOLLOWS] if schedule.name == "plateau" else []),
        ],
        height=12,
    )


def to_csv(found: Sequence[float]) -> str:
    """A line for each step after a heading."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("step", "lr"))
    writer.writerows(enumerate(found))
    return text.getvalue()


def to_json(found: Sequence[float]) -> str:
    """A list with one object for each step."""
    rows = [{"step": step, "lr": rate} for step, rate in enumerate(found)]
    return json.dumps(rows, indent=1, allow_nan=False) + "\n"


FORMATS: Mapping[str, Callable[[Sequence[float]], str]] = {"csv": to_csv, "json": to_json}
