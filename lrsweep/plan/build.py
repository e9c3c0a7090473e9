"""Flags and `sweep.toml` put together and checked: the only way to a `SweepPlan`."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from lrsweep.errors import PlanError
from lrsweep.plan.auto_range import with_ranges
from lrsweep.plan.bundled import find_bundled
from lrsweep.plan.comparison import check_compared
from lrsweep.plan.constraints import check_first, constraints
from lrsweep.plan.early_notes import early_notes
from lrsweep.plan.first_points import first_points
from lrsweep.plan.layers import merged
from lrsweep.plan.model import SweepPlan
from lrsweep.plan.options import RunOptions
from lrsweep.plan.places import checked_file, checked_folder, checked_study, folder_name
from lrsweep.plan.scales import check_scales
from lrsweep.plan.smoke import PRESET, TIMEOUT_S, shortened
from lrsweep.plan.source import Source, find_source
from lrsweep.plan.targeting import make_target, script_in
from lrsweep.plan.user_settings import user_settings
from lrsweep.protocol import OBSERVED
from lrsweep.scripts import Script
from lrsweep.scripts.metric_names import metric_names, reported_by_fit
from lrsweep.settings import Settings
from lrsweep.space import Space
from lrsweep.terms import direction_of
from lrsweep.trial import Direction

DEFAULT_TRIALS = 20


def build_plan(options: RunOptions, *, probing: bool = False) -> SweepPlan:
    """The plan that `options` and the target's `sweep.toml` make together.

    With `probing`, for a run that is to show what there is, neither a space nor a metric need be
    said; the metric is then empty.

    Raises `InputError` (a `SpaceError` or a `PlanError`) for the first thing that cannot be
    understood; writes nothing.
    """
    source = find_source(options.target, options.command)
    base = [options] if source.file is None else [options, source.file]
    script = script_in(source, merged(base))
    preset, variation = _variation(options, source)
    layers = [options, variation, *base[1:], user_settings()]
    if options.smoke:
        layers.append(Settings(timeout=TIMEOUT_S))
    if options.smoke and (source.file is None or PRESET not in source.file.preset):
        layers.insert(0, shortened(merged(base), script))
    said = merged(layers)
    if said.scale and "pruner" not in said.said():
        said = said.replaced(pruner="none")  # curves of different scales tell nothing of each other
    _check_shares(said)
    target = make_target(source, said, script)
    shared = [] if probing else shared_patterns(said.metric_file, said.isolate is not None)
    if shared and isinstance(said.jobs, int) and said.jobs > 1:
        raise _not_its_own(shared[0], said.jobs)
    if not said.space and not probing:
        raise _no_space()
    ranges = with_ranges(said.space, said.fixed, source.argv, script)
    space = Space.parse(ranges.texts, said.fixed, target.kinds([*ranges.texts, *said.fixed]))
    target.check(space)
    where = constraints(said.where, space)
    first = first_points(said, space)
    check_first(first, where, space)
    check_compared(said.compare, space)
    check_scales(said, space)
    metric = (said.metric or "") if probing else _metric(said, source, script)
    default = f"{source.name}-{preset}" if preset else source.name
    study = checked_study(default if said.study is None else said.study)
    direction = Direction.MINIMIZE if probing else _direction(said, metric)
    trials = _trials(layers, said, source)
    sweep_dir = Path(said.sweep_dir or Path("lrsweep-runs") / folder_name(study)).absolute()
    checked_folder("--dir", sweep_dir)
    junit = None if said.junit is None else checked_file("--junit", Path(said.junit).absolute())
    notes = () if probing else early_notes(said, space, metric, trials)
    return SweepPlan(
        study=study,
        target=target,
        space=space,
        metric=metric,
        direction=direction,
        trials=trials,
        jobs=1 if shared else said.jobs if isinstance(said.jobs, int) else None,
        storage=said.storage,
        sweep_dir=sweep_dir,
        junit=junit,
        sweep_command=options.sweep_command,
        remarks=(*ranges.remarks, *(_one_at_a_time(shared[0]) if shared else ()), *notes),
        first=first,
        where=where,
        # In full, as a file that makes this plan again would say them.
        settings=Settings().replaced(
            **said.said()
            | {
                "space": space.texts(),
                "fixed": (),
                "metric": metric,
                "direction": direction.value,
                "args_style": target.style,
                "template": None if target.template is None else str(target.template.path),
                "workdir": target.cwd,
                "trials": trials,
                "jobs": said.jobs or "auto",
                "study": study,
                "sweep_dir": str(sweep_dir),
                "points": None if said.points is None else str(Path(said.points).absolute()),
                "junit": None if junit is None else str(junit),
            }
        ),
    )


def _variation(options: RunOptions, source: Source) -> tuple[str, Settings]:
    """The name of the preset that was asked for, and what it says; --smoke asks for `smoke`."""
    if options.smoke and options.preset is not None:
        raise PlanError("--smoke and --preset were both given", hint=f"try --preset {PRESET}")
    if options.smoke:
        own = source.file.preset if source.file else {}
        return PRESET, own.get(PRESET, Settings())
    if options.preset is None:
        return "", Settings()
    if source.file is None or source.path is None:
        raise PlanError(
            f"--preset {options.preset}: only a sweep.toml has presets",
            hint="write one with lrsweep init, then lrsweep run sweep.toml",
        )
    return options.preset, source.file.preset_named(options.preset, source.path)


def _check_shares(said: Settings) -> None:
    per_trial, per_gpu = said.gpus_per_trial, said.trials_per_gpu
    if per_trial > 1 and per_gpu > 1:
        raise PlanError(
            f"--gpus-per-trial {per_trial} and --trials-per-gpu {per_gpu}: a trial takes several"
            " GPUs or a share of one",
            hint="leave one of them out",
        )


def shared_patterns(patterns: Sequence[str], isolated: bool) -> list[str]:
    """Those of the patterns of `--metric-file` that may name the files of several trials."""
    return [
        p for p in patterns if "{dir}" not in p and not (isolated and not Path(p).is_absolute())
    ]


_KEEP_APART = (
    "have each trial write its own: --metric-file '{dir}/…' with the script's output option set to "
    "{dir}, or --isolate copy"
)


def _not_its_own(pattern: str, jobs: int) -> PlanError:
    return PlanError(
        f"--metric-file {pattern!r} with -j {jobs}: one trial may read what another wrote there",
        hint=f"{_KEEP_APART}; or -j 1",
    )


def _one_at_a_time(pattern: str) -> tuple[str]:
    return (f"one trial at a time, since all may write {pattern}; {_KEEP_APART}",)


def _no_space() -> PlanError:
    return PlanError(
        "nothing to search: the target has no space of its own",
        hint="give one, for example -s lr=1e-5:1 -s batch_size=16:256:pow2, or -s lr=auto",
    )


def _metric(said: Settings, source: Source, script: Script | None) -> str:
    names = metric_names(script) if script is not None else []
    if said.metric is None:
        shown = f"; {script.path.name} shows {', '.join(names[:5])}" if script and names else ""
        raise PlanError(
            f"which metric is the objective{shown or '? The target does not say'}",
            hint=f"name it, for example --metric {names[0] if names else 'val_loss'}; the same line"
            " with probe in place of run shows what there is",
        )
    known = reported_by_fit(script) if script and find_bundled(source.name) == source.path else ()
    if known and said.metric not in known and not said.metric.startswith(OBSERVED):
        near = get_close_matches(said.metric, known, n=1)
        raise PlanError(
            f"{source.name} reports no metric {said.metric!r}; it reports {', '.join(known)}",
            hint=f"did you mean {near[0]}?" if near else None,
        )
    if said.metric.startswith(OBSERVED) and said.observe == "off":
        raise PlanError(
            f"{said.metric} is seen only where trials are observed", hint="leave out --observe off"
        )
    return said.metric


def _trials(layers: Sequence[Settings], said: Settings, source: Source) -> int | None:
    """How many trials; None for a whole grid.

    What a file says of another sampler does not cut a grid short.
    """
    if said.sampler != "grid":
        return said.trials or DEFAULT_TRIALS
    if source.file is None or source.file.sampler == "grid":
        return said.trials
    return merged([layer for layer in layers if layer is not source.file]).trials


def _direction(said: Settings, metric: str) -> Direction:
    if said.direction is not None:
        return Direction(said.direction)
    direction = direction_of(metric)
    if direction is None:
        raise PlanError(
            f"is a smaller or a larger {metric} better?",
            hint="say --direction minimize or --direction maximize",
        )
    return direction
