"""What `lrsweep probe` does: one run in a folder that is removed, and what it showed."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from lrsweep.cli.console import out_console
from lrsweep.errors import LrsweepError
from lrsweep.plan import RunOptions, SweepPlan, build_plan
from lrsweep.plan.options import flag_of
from lrsweep.probing import ProbeRun, run_once
from lrsweep.report.probe import probe_document, render_probe
from lrsweep.space import Fixed
from lrsweep.sweep import first_jobs
from lrsweep.terms import is_learning_rate
from lrsweep.trial import Direction

_TIMEOUT_S = 60.0
_EXAMPLE_RANGE = "1e-5:1"
# Of a probe, or what it finds out.
_NOT_KEPT = ("timeout", "metric_regex")


def probe_and_render(options: RunOptions, *, as_json: bool) -> None:
    """Run the command of `options` once and show what it showed.

    Raises `InputError` for what cannot be understood, and `LrsweepError` where the command fails or
    shows no metric.
    """
    plan = build_plan(options, probing=True)
    if not plan.space.parameters:
        plan = replace(plan, settings=plan.settings.replaced(sampler="grid"))  # of one point
    with TemporaryDirectory(prefix="lrsweep-probe-") as folder:
        plan = replace(plan, sweep_dir=Path(folder))
        run = run_once(plan, first_jobs(plan, 1)[0], options.timeout or _TIMEOUT_S)
    line = _run_line(options, plan, run) if run.findings else None
    if as_json:
        document = probe_document(run, plan.target, line)
        print(json.dumps(document, indent=2, allow_nan=False))
    else:
        render_probe(run, plan.target, line, out_console())
    if line is None:
        raise LrsweepError(
            "nothing that the command prints looks like a metric",
            hint="print it as 'val_loss: 0.43', or name a file that it is written to: --metric-file"
            " '{dir}/metrics.csv'",
        )


def _run_line(options: RunOptions, plan: SweepPlan, run: ProbeRun) -> str:
    """The line that sweeps the command: what was typed, and what was found out."""
    if run.chosen is None:
        finding = run.findings[0]
        direction = finding.direction or Direction.MINIMIZE
        options = options.replaced(metric=finding.seen.name, direction=direction.value)
    words = ["lrsweep", "run", *([options.target] if options.target else [])]
    for name, value in options.said().items():
        if name not in _NOT_KEPT:
            words += _flags(name, value)
    words += [*_flags("preset", options.preset), *_flags("smoke", options.smoke)]
    if all(isinstance(parameter, Fixed) for parameter in plan.space.parameters):
        words += ["--space", f"{_learning_rate(plan)}={_EXAMPLE_RANGE}"]
    return shlex.join([*words, *(["--", *options.command] if options.command else [])])


def _flags(name: str, value: object) -> Iterator[str]:
    """What says `value` of the setting `name` on a command line; nothing where nothing was said."""
    if value is None or value is False:
        return
    for item in value if isinstance(value, tuple) else (value,):
        yield flag_of(name)
        if item is not True:
            yield f"{item:g}" if isinstance(item, float) else str(item)


def _learning_rate(plan: SweepPlan) -> str:
    """The script's own name for it, as far as that is known."""
    known = plan.target.interface
    names = [p.name for p in known.known] if known else []
    return next((name for name in names if is_learning_rate(name)), "lr")
