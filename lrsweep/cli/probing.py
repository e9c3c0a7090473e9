"""What `lrsweep probe` does: one run in a folder that is removed, and what it showed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from lrsweep.cli.console import out_console
from lrsweep.errors import LrsweepError
from lrsweep.plan import RunOptions, build_plan
from lrsweep.plan.placeholders import placeholders
from lrsweep.plan.targeting import script_of_run
from lrsweep.probing import run_once
from lrsweep.probing.line import propose_line
from lrsweep.report.json_text import json_text
from lrsweep.report.probe import probe_document, render_probe
from lrsweep.scripts import Script
from lrsweep.scripts.searching import needed_rate
from lrsweep.space.head import name_of
from lrsweep.sweep import first_jobs

_TIMEOUT_S = 60.0


def probe_and_render(options: RunOptions, *, as_json: bool) -> None:
    """Run the command of `options` once and show what it showed.

    Raises `InputError` for what cannot be understood, and `LrsweepError` where the command fails or
    shows no metric.
    """
    script = script_of_run(options)
    plan = build_plan(_runnable(options, script), probing=True)
    if not plan.space.parameters:
        plan = replace(plan, settings=plan.settings.replaced(sampler="grid"))  # of one point
    with TemporaryDirectory(prefix="lrsweep-probe-") as folder:
        plan = replace(plan, sweep_dir=Path(folder))
        run = run_once(plan, first_jobs(plan, 1)[0], options.timeout or _TIMEOUT_S)
    proposed = propose_line(options, plan, run, script)
    if as_json:
        document = probe_document(run, plan.target, proposed)
        print(json_text("probe", document), end="")
    else:
        render_probe(run, plan.target, proposed, out_console())
    if not run.findings:
        raise LrsweepError(
            "nothing that the command prints looks like a metric",
            hint="print it as 'val_loss: 0.43', or name a file that it is written to: --metric-file"
            " '{dir}/metrics.csv'",
        )


def _runnable(options: RunOptions, script: Script | None) -> RunOptions:
    """`options` with a learning rate, where the script does not run without and none was given."""
    needed = None if script is None or options.space else needed_rate(script)
    given = {name_of(text) for text in options.fixed}
    if needed is None or name_of(needed) in given or placeholders(options.command):
        return options
    return options.replaced(space=(needed,))
