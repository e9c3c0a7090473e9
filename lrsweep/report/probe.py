"""What one run of a command showed, and the line that sweeps it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lrsweep.analysis.wording import duration, listed, number
from lrsweep.capture import Axis, Finding, objectives
from lrsweep.plan import Target
from lrsweep.probing import ProbeRun
from lrsweep.probing.line import Proposed
from lrsweep.report.json_text import json_number
from lrsweep.report.sections import facts, print_command, print_section
from lrsweep.scripts.styles import example
from lrsweep.trial import Direction

_MOST_FINDINGS = 10
# Less than this is no gain worth a word.
_NO_GAIN_S = 0.2
_BETTER = {Direction.MINIMIZE: "lower", Direction.MAXIMIZE: "higher", None: "?"}
_COLD = "cold; warm is for python script.py with the Python that runs lrsweep, on Linux"


def render_probe(run: ProbeRun, target: Target, proposed: Proposed, console: Console) -> None:
    """What `run` showed, and what was `proposed` to sweep it."""
    print_section(console, None, facts(_about(run, target)))
    if run.findings:
        print_section(console, "Metrics", _table(run))
    for remark in filter(None, (_remark(run), *proposed.remarks)):
        print_section(console, None, Text(remark))
    for direction, line in proposed.lines:
        heading = "Sweep it"
        if len(proposed.lines) > 1:
            heading = f"Sweep it, where {_BETTER[direction]} is better"
        print_command(console, heading, line)


def probe_document(run: ProbeRun, target: Target, proposed: Proposed) -> dict[str, Any]:
    """The same as a JSON document; numbers that are not finite are null."""
    likely = _likely(run)
    return {
        "command": list(run.job.argv),
        "args": {"style": target.style, "why": target.why},
        "wall_s": run.wall_s,
        "stopped": run.stopped,
        "start": {"warm": run.saved_s is not None, "saved_s": run.saved_s},
        "notes": list(run.notes),
        "metrics": [_entry(finding, finding in likely) for finding in run.findings],
        "files": list(run.written),
        "remarks": list(proposed.remarks),
        "run": proposed.line,
        "runs": {d.value: line for d, line in proposed.lines if d is not None},
    }


def _about(run: ProbeRun, target: Target) -> Iterator[tuple[str, str]]:
    yield "ran", shlex.join(run.job.argv)
    yield "args", target.why if target.style is None else f"{example(target.style)} ({target.why})"
    stopped = ", then it was stopped; --timeout gives it longer" if run.stopped else ""
    yield "time", f"{duration(run.wall_s)}{stopped}"
    yield "start", _COLD if run.saved_s is None else _warm(run.saved_s)
    for note in run.notes:
        yield "note", note


def _warm(saved_s: float) -> str:
    if saved_s < _NO_GAIN_S:
        return "warm; it saves nothing to speak of here"
    return f"warm: every trial is spared about {duration(saved_s)} of imports, as measured"


def _table(run: ProbeRun) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    likely = _likely(run)
    table.add_column("--metric", overflow="fold")
    table.add_column("better")
    for heading in ("points", "first", "last"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("at")
    table.add_column("seen in", overflow="fold")
    for finding in run.findings[:_MOST_FINDINGS]:
        seen = finding.seen
        table.add_row(
            Text(shlex.quote(seen.name)),
            _BETTER[finding.direction],
            str(seen.points),
            number(seen.first),
            number(seen.last),
            _where(finding),
            Text(seen.source),
            style="bold green" if finding in likely else "",
        )
    if len(run.findings) > _MOST_FINDINGS:
        table.caption = f"and {len(run.findings) - _MOST_FINDINGS} more; --json lists them all"
    return table


def _where(finding: Finding) -> str:
    """ "epoch 1 … 10"; nothing where the script names no steps."""
    seen = finding.seen
    if seen.axis is Axis.COUNT:
        return "counted"
    ends = dict.fromkeys((seen.first_step, seen.last_step))
    return f"{seen.axis} {' … '.join(map(str, ends))}"


def _remark(run: ProbeRun) -> str:
    """What the user must decide; empty where all is certain."""
    likely = _likely(run)
    if not run.findings or run.chosen is not None:
        return ""
    if run.metric:
        return f"None of these is certain to be {run.metric}: name one with --metric."
    if not likely:
        return "No name says that it is a measure of quality: name the objective with --metric."
    if len(likely) > 1:
        names = listed([finding.seen.name for finding in likely])
        return f"Several may be the objective: {names}. Name one with --metric."
    if likely[0].direction is None:
        return f"Whether a smaller {likely[0].seen.name} is better, its name does not say."
    return ""


def _likely(run: ProbeRun) -> tuple[Finding, ...]:
    """The metric that was asked for, or those that may be the objective."""
    return objectives(run.findings) if run.chosen is None else (run.chosen,)


def _entry(finding: Finding, likely: bool) -> dict[str, Any]:
    seen = finding.seen
    return {
        "name": seen.name,
        "options": finding.options,
        "objective": likely,
        "direction": None if finding.direction is None else finding.direction.value,
        "source": seen.source,
        "points": seen.points,
        "first": json_number(seen.first),
        "last": json_number(seen.last),
        "first_step": seen.first_step,
        "last_step": seen.last_step,
        "axis": seen.axis.value,
    }
