"""Flags and `sweep.toml` put together and checked: the only way to a `SweepPlan`."""

from __future__ import annotations

import re
import shutil
import sys
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from lrsweep.errors import PlanError
from lrsweep.plan.bundled import bundled_studies, find_bundled
from lrsweep.plan.model import SweepPlan
from lrsweep.plan.sweep_file import SweepFile, read_sweep_file
from lrsweep.plan.target import Target
from lrsweep.space import Space, format_value
from lrsweep.trial import Direction

DEFAULT_STUDY = "digits"
DEFAULT_TRIALS = 20
DEFAULT_STORAGE = "sqlite:///lrsweep.db"
SAMPLERS = ("grid", "random", "tpe", "gp", "qmc")
PRUNERS = ("median", "none")

_MINIMIZED = re.compile(r"loss|error|err$|perplexity|ppl|nll|mse|mae|rmse|cer|wer|bpc", re.I)
_MAXIMIZED = re.compile(r"acc|accuracy|f1|auc|precision|recall|bleu|rouge|map$|iou|r2|reward", re.I)
_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s?)?")
_UNITS = (3600.0, 60.0, 1.0)


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What `lrsweep run` was told, before anything is checked; None where nothing was said."""

    target: str | None = None
    command: tuple[str, ...] = ()
    space: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    sampler: str = "tpe"
    pruner: str = "median"
    trials: int | None = None
    jobs: int | None = None
    timeout: str | None = None
    trial_timeout: str | None = None
    metric: str | None = None
    direction: str | None = None
    seed: int = 0
    storage: str = DEFAULT_STORAGE
    study: str | None = None
    sweep_dir: str | None = None
    device: str = "auto"
    retries: int = 1
    sweep_command: tuple[str, ...] = ()


def build_plan(options: RunOptions) -> SweepPlan:
    """The plan that `options` and the target's `sweep.toml` make together.

    Raises `InputError` (a `SpaceError` or a `PlanError`) for the first thing that cannot be
    understood; writes nothing.
    """
    name, target, file = _resolve(options)
    space = _space(options, file)
    target.check(space.names())
    metric = options.metric or file.metric
    if metric is None:
        raise PlanError(
            "which metric is the objective? The target does not say",
            hint="name one that the script reports, for example --metric val_loss",
        )
    study = options.study or name
    sampler = _one_of("--sampler", options.sampler, SAMPLERS)
    trials = options.trials or (None if sampler == "grid" else file.trials or DEFAULT_TRIALS)
    return SweepPlan(
        study=study,
        target=target,
        space=space,
        metric=metric,
        direction=_direction(options, file, metric),
        sampler=sampler,
        pruner=_one_of("--pruner", options.pruner, PRUNERS),
        trials=trials,
        jobs=options.jobs,
        timeout_s=parse_duration("--timeout", options.timeout),
        trial_timeout_s=parse_duration("--trial-timeout", options.trial_timeout),
        seed=options.seed,
        storage=options.storage,
        sweep_dir=Path(options.sweep_dir or Path("lrsweep-runs") / _as_file_name(study)).absolute(),
        device=_one_of("--device", options.device, ("auto", "cpu", "cuda")),
        retries=options.retries,
        sweep_command=options.sweep_command,
    )


def _resolve(options: RunOptions) -> tuple[str, Target, SweepFile]:
    """The default name of the study, what to run, and what its `sweep.toml` says."""
    name, extra = options.target, options.command
    if name is None and extra:
        _check_executable(extra[0])
        return _stem(extra), Target.of_command(extra, str(Path.cwd())), _NO_FILE
    name = name or DEFAULT_STUDY
    path = Path(name)
    if path.suffix == ".py":
        if not path.is_file():
            raise PlanError(f"there is no script {name}", hint=_near_files(path))
        argv = (sys.executable, str(path), *extra)
        label = " ".join(("python", *argv[1:]))
        return path.stem, Target.of_command(argv, str(Path.cwd()), label), _NO_FILE
    if path.suffix == ".toml":
        if not path.is_file():
            raise PlanError(f"there is no file {name}", hint=_near_files(path))
        return _of_file(path.absolute(), path.absolute().parent.name, extra)
    bundled = find_bundled(name)
    if bundled is None:
        known = [study.name for study in bundled_studies()]
        near = get_close_matches(name, known, n=1)
        raise PlanError(
            f"there is no bundled study {name!r}; there are: {', '.join(known)}",
            hint=f"did you mean {near[0]}?"
            if near
            else "a script ends in .py; any other command goes after --",
        )
    return _of_file(bundled, name, extra)


_NO_FILE = SweepFile(command=[])


def _of_file(path: Path, name: str, extra: tuple[str, ...]) -> tuple[str, Target, SweepFile]:
    file = read_sweep_file(path)
    if file.script is not None:
        script = path.parent / file.script
        if not script.is_file():
            raise PlanError(f"{path}: script = {file.script!r} does not exist")
        argv = (sys.executable, str(script), *file.args, *extra)
        target = Target.of_command(argv, str(Path.cwd()), " ".join((name, *extra)))
        return name, target, file
    command = (*(file.command or ()), *file.args, *extra)
    if not command:
        raise PlanError(f"{path}: command is empty", hint='command = ["python", "train.py"]')
    _check_executable(command[0])
    return name, Target.of_command(command, str(path.parent)), file


def _space(options: RunOptions, file: SweepFile) -> Space:
    """The user's space, or the file's; fixed values of the file yield to both."""
    texts = options.space or file.space_texts()
    if not texts:
        raise PlanError(
            "nothing to search: the target has no space of its own",
            hint="give one, for example -s lr=1e-5:1 -s batch_size=16:256:pow2",
        )
    named = Space.parse(texts, options.fixed).names()
    defaults = tuple(f"{k}={format_value(v)}" for k, v in file.set.items() if k not in named)
    return Space.parse(texts, (*options.fixed, *defaults))


def _direction(options: RunOptions, file: SweepFile, metric: str) -> Direction:
    if options.direction is not None:
        values = tuple(d.value for d in Direction)
        return Direction(_one_of("--direction", options.direction, values))
    if file.direction is not None and metric == file.metric:
        return file.direction
    down, up = bool(_MINIMIZED.search(metric)), bool(_MAXIMIZED.search(metric))
    if down == up:
        raise PlanError(
            f"is a smaller or a larger {metric} better?",
            hint="say --direction minimize or --direction maximize",
        )
    return Direction.MINIMIZE if down else Direction.MAXIMIZE


def parse_duration(option: str, text: str | None) -> float | None:
    """Seconds of `90`, `90s`, `10m`, `1h30m`; raises `PlanError` for anything else."""
    if text is None:
        return None
    match = _DURATION.fullmatch(text.strip())
    parts = match.groups() if match else ()
    seconds = sum(float(part) * unit for part, unit in zip(parts, _UNITS, strict=False) if part)
    if seconds <= 0:
        raise PlanError(
            f"{option} {text!r} is not a duration above zero", hint="try 90s, 10m or 1h30m"
        )
    return seconds


def parse_jobs(text: str) -> int | None:
    """The number in `--jobs`; None for auto."""
    if text == "auto":
        return None
    if not text.isdecimal() or int(text) < 1:
        raise PlanError(f"--jobs {text!r} is not a number above zero", hint="try -j 2 or -j auto")
    return int(text)


def _one_of(option: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        near = get_close_matches(value, known, n=1)
        raise PlanError(
            f"{option} {value!r} is not one of {', '.join(known)}",
            hint=f"did you mean {near[0]}?" if near else None,
        )
    return value


def _check_executable(name: str) -> None:
    if shutil.which(name) is None:
        raise PlanError(
            f"the command {name!r} was not found",
            hint=f"a script that is not executable needs its interpreter: python {name}"
            if Path(name).is_file()
            else "everything after -- is the command of a trial: -- python train.py --lr {lr}",
        )


def _stem(command: tuple[str, ...]) -> str:
    """A name for the study of `command`: the script's, else the program's."""
    for argument in command:
        if argument.endswith((".py", ".sh")):
            return Path(argument).stem
    return Path(command[0]).stem


def _near_files(path: Path) -> str | None:
    folder = path.parent if path.parent.is_dir() else Path()
    names = [p.name for p in folder.glob(f"*{path.suffix}")]
    near = get_close_matches(path.name, names, n=1)
    return f"did you mean {folder / near[0]}?" if near else None


def _as_file_name(study: str) -> str:
    return re.sub(r"[^\w.=-]+", "_", study)
