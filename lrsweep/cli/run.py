"""`lrsweep run`, and its options, each named as the setting that it says."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import Annotated

import typer

_SEARCH = "Search"
_OBJECTIVE = "Objective"
_COMMAND = "Command of a trial"
_MACHINE = "Trials on this machine"
_KEEP = "Study and files"
_CHECK = "Checks, for CI"
_OUTPUT = "Output"


def run(
    ctx: typer.Context,
    target: Annotated[
        str | None,
        typer.Argument(
            help="A bundled study, a Python script or a sweep.toml; or a command after --. "
            "Default: the bundled study digits.",
            show_default=False,
        ),
    ] = None,
    space: Annotated[
        list[str] | None,
        typer.Option(
            "--space",
            "-s",
            metavar="NAME=…",
            help="A parameter to search: lr=1e-5:1, batch_size=16:256:pow2, optimizer=sgd,adamw, "
            "lr@sgd=1e-3:1; lr=auto takes the range of the optimizer. Repeatable.",
            rich_help_panel=_SEARCH,
        ),
    ] = None,
    fixed: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="A fixed parameter. Repeatable.",
            rich_help_panel=_SEARCH,
        ),
    ] = None,
    sampler: Annotated[
        str | None,
        typer.Option(
            help="How to choose: grid, random, tpe, gp or qmc. Default: tpe.",
            show_default=False,
            rich_help_panel=_SEARCH,
        ),
    ] = None,
    pruner: Annotated[
        str | None,
        typer.Option(
            help="How to stop trials that fall behind: median or none. Default: median.",
            show_default=False,
            rich_help_panel=_SEARCH,
        ),
    ] = None,
    trials: Annotated[
        int | None,
        typer.Option(
            "--trials",
            "-n",
            min=1,
            help="How many trials the study should have in the end. "
            "Default: the whole grid, what the study says, or 20.",
            show_default=False,
            rich_help_panel=_SEARCH,
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            help="The seed of everything random. Default: 0.",
            show_default=False,
            rich_help_panel=_SEARCH,
        ),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="A variation that the sweep.toml describes in its table preset.NAME.",
            show_default=False,
            rich_help_panel=_SEARCH,
        ),
    ] = None,
    from_find: Annotated[
        bool,
        typer.Option(
            "--from-find",
            help="Search the range that the newest lrsweep find of this target found, half a "
            "decade wider either side, and begin with the rates that it suggests.",
            rich_help_panel=_SEARCH,
        ),
    ] = False,
    metric: Annotated[
        str | None,
        typer.Option(
            help="The objective, as the script reports it.",
            show_default=False,
            rich_help_panel=_OBJECTIVE,
        ),
    ] = None,
    direction: Annotated[
        str | None,
        typer.Option(
            help="minimize or maximize. Default: by the metric's name, where it is certain.",
            show_default=False,
            rich_help_panel=_OBJECTIVE,
        ),
    ] = None,
    metric_regex: Annotated[
        str | None,
        typer.Option(
            metavar="REGEX",
            help="Find the objective in the output by a regular expression with the group value, "
            "and step where the output names it.",
            show_default=False,
            rich_help_panel=_OBJECTIVE,
        ),
    ] = None,
    metric_file: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATTERN",
            help="Read the objective from files that the script writes: CSV, JSON, JSON lines or "
            "TensorBoard events; {dir} is the trial's folder. Repeatable.",
            rich_help_panel=_OBJECTIVE,
        ),
    ] = None,
    args_style: Annotated[
        str | None,
        typer.Option(
            "--args",
            metavar="STYLE",
            help="How parameters without a placeholder are appended to the command: argparse, "
            "hydra, keyvalue, lightning or none. Default: found out from the script.",
            show_default=False,
            rich_help_panel=_COMMAND,
        ),
    ] = None,
    env: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="An environment variable of every trial; {lr} stands for a parameter. Repeatable.",
            rich_help_panel=_COMMAND,
        ),
    ] = None,
    template: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="A YAML, TOML or JSON file in which parameters are set by their dotted keys for "
            "each trial; {config} in the command is its path.",
            show_default=False,
            rich_help_panel=_COMMAND,
        ),
    ] = None,
    workdir: Annotated[
        str | None,
        typer.Option(
            metavar="FOLDER",
            help="Where trials run. Default: here, or beside the sweep.toml with the command.",
            show_default=False,
            rich_help_panel=_COMMAND,
        ),
    ] = None,
    isolate: Annotated[
        str | None,
        typer.Option(
            metavar="HOW",
            help="Run each trial in its own copy or git worktree of that folder, removed "
            "afterwards: copy or worktree.",
            show_default=False,
            rich_help_panel=_COMMAND,
        ),
    ] = None,
    jobs: Annotated[
        str | None,
        typer.Option(
            "--jobs",
            "-j",
            help="Trials at a time, or auto: one a GPU, else one a core. Default: auto.",
            show_default=False,
            rich_help_panel=_MACHINE,
        ),
    ] = None,
    device: Annotated[
        str | None,
        typer.Option(
            help="auto, cpu or cuda. Default: auto.", show_default=False, rich_help_panel=_MACHINE
        ),
    ] = None,
    gpus: Annotated[
        str | None,
        typer.Option(
            metavar="WHICH",
            help="all, none, or indices and UUIDs with commas: 0,2. Default: all.",
            show_default=False,
            rich_help_panel=_MACHINE,
        ),
    ] = None,
    trials_per_gpu: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="Trials at a time on each GPU. Default: 1.",
            show_default=False,
            rich_help_panel=_MACHINE,
        ),
    ] = None,
    gpus_per_trial: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="GPUs that each trial trains on together; on the CPU, processes. Default: 1.",
            show_default=False,
            rich_help_panel=_MACHINE,
        ),
    ] = None,
    share_gpus: Annotated[
        bool | None,
        typer.Option(
            "--share-gpus",
            help="Also use GPUs that another sweep of this machine has taken.",
            show_default=False,
            rich_help_panel=_MACHINE,
        ),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="CPU threads of a trial. Default: cores divided by jobs.",
            show_default=False,
            rich_help_panel=_MACHINE,
        ),
    ] = None,
    timeout: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="End the sweep after this long: 90s, 10m, 1h30m.",
            show_default=False,
            rich_help_panel=_MACHINE,
        ),
    ] = None,
    trial_timeout: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="End a trial after this long.",
            show_default=False,
            rich_help_panel=_MACHINE,
        ),
    ] = None,
    retries: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="How often a trial that was lost is run again. Default: 1.",
            show_default=False,
            rich_help_panel=_MACHINE,
        ),
    ] = None,
    retry_crashed: Annotated[
        bool | None,
        typer.Option(
            "--retry-crashed",
            help="Run crashed trials again too, as often as --retries says.",
            show_default=False,
            rich_help_panel=_MACHINE,
        ),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            metavar="HOW",
            help="warm: fork each trial from a process that has imported torch and the script's "
            "other libraries; cold: start each anew. Default: auto, warm where that is the same.",
            show_default=False,
            rich_help_panel=_MACHINE,
        ),
    ] = None,
    storage: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="The study database, as an SQLAlchemy URL. Default: sqlite:///lrsweep.db.",
            show_default=False,
            rich_help_panel=_KEEP,
        ),
    ] = None,
    study: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The study's name. Default: the target's, with the preset's appended.",
            show_default=False,
            rich_help_panel=_KEEP,
        ),
    ] = None,
    sweep_dir: Annotated[
        str | None,
        typer.Option(
            "--dir",
            metavar="FOLDER",
            help="Where trial folders go. Default: lrsweep-runs/STUDY.",
            show_default=False,
            rich_help_panel=_KEEP,
        ),
    ] = None,
    wait: Annotated[
        bool,
        typer.Option(
            "--wait",
            help="Where another lrsweep runs this study: wait for its end, then go on.",
            rich_help_panel=_KEEP,
        ),
    ] = False,
    smoke: Annotated[
        bool,
        typer.Option(
            "--smoke",
            help="Only see whether all works: the preset smoke, or 4 trials at a tenth of the "
            "budget; at most 10m unless --timeout says otherwise.",
            rich_help_panel=_CHECK,
        ),
    ] = False,
    fail_above: Annotated[
        float | None,
        typer.Option(
            metavar="VALUE",
            help="Exit with 3 where the best value is above VALUE, or there is none.",
            show_default=False,
            rich_help_panel=_CHECK,
        ),
    ] = None,
    fail_below: Annotated[
        float | None,
        typer.Option(
            metavar="VALUE",
            help="Exit with 3 where the best value is below VALUE, or there is none.",
            show_default=False,
            rich_help_panel=_CHECK,
        ),
    ] = None,
    max_failed: Annotated[
        int | None,
        typer.Option(
            min=0,
            metavar="N",
            help="Exit with 4 where more than N trials of this run failed. Default: where all did.",
            show_default=False,
            rich_help_panel=_CHECK,
        ),
    ] = None,
    junit: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Write the trials as a JUnit report.",
            show_default=False,
            rich_help_panel=_CHECK,
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Show what would run; start nothing, write nothing.",
            rich_help_panel=_OUTPUT,
        ),
    ] = False,
    quiet: Annotated[
        bool,
        typer.Option("--quiet", "-q", help="No progress; only the end.", rich_help_panel=_OUTPUT),
    ] = False,
    json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="End with one JSON document on standard output.",
            rich_help_panel=_OUTPUT,
        ),
    ] = False,
) -> None:
    """Run a sweep, or go on with one: the same command again continues up to --trials.

    \b
    lrsweep run --space lr=1e-5:1 --sampler random
    lrsweep run train.py -s lr=1e-5:1 --metric val_loss
    lrsweep run -s lr=1e-5:1 --metric val_loss -- python train.py --lr {lr}
    """
    from lrsweep.plan import build_plan, read_flags

    options = read_flags(ctx.params, ctx.obj or (), ("lrsweep", *sys.argv[1:]))
    if from_find:
        from lrsweep.cli.range_testing import run_from_find

        run_from_find(options, dry_run=dry_run, wait=wait, quiet=quiet, as_json=json)
        return
    plan = build_plan(options)
    # Only now, so that bad input is answered before anything large is imported.
    if dry_run:
        from lrsweep.cli.running import dry

        dry(plan)
        return
    from lrsweep.devices.local_slots import possible_slots
    from lrsweep.executors.of_plan import make_executor

    # First of all, so that the script's imports go on in the launcher while ours go on here.
    with closing(make_executor(plan, possible_slots(plan)[0])) as executor:
        from lrsweep.cli.running import run_and_render

        run_and_render(plan, executor, wait=wait, quiet=quiet, as_json=json)
