"""Every setting of a sweep, declared once: flags, `sweep.toml` and its presets all say these.

To add one, add a field here and use it where it acts (`plan.settings.NAME`). Its flag, help, key,
schema, check and page follow from the declaration.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from lrsweep.analysis.objective import TAIL, Rule
from lrsweep.errors import PlanError
from lrsweep.scripts.parameter import StyleName
from lrsweep.settings.declared import (
    CHECK,
    COMMAND,
    KEEP,
    MACHINE,
    OBJECTIVE,
    SEARCH,
    Setting,
    declared,
)
from lrsweep.settings.methods import PRUNERS, SAMPLERS, Methods, parse_method
from lrsweep.space import format_value
from lrsweep.space.values import write_value
from lrsweep.storage_url import DEFAULT_STORAGE, ENV_STORAGE

Device = Annotated[
    Literal["auto", "cpu", "cuda"],
    BeforeValidator(lambda value: "cuda" if value == "gpu" else value),
]
Start = Literal["auto", "warm", "cold"]
Observe = Literal["auto", "off"]
Isolation = Literal["copy", "worktree"]

_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s?)?")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:([kKMGT])(i)?)?B?")
_SMALLEST_LOG = 1 << 20
_UNITS = (3600.0, 60.0, 1.0)
_MOST_JOBS = 10_000


def _wrong(sentence: str, hint: str | None) -> PydanticCustomError:
    return PydanticCustomError("setting", "{sentence}", {"sentence": sentence, "hint": hint})


def _seconds(value: object) -> object:
    """Seconds of `90`, `90s`, `10m`, `1h30m`; a number is seconds already."""
    if isinstance(value, str):
        match = _DURATION.fullmatch(value.strip()) if len(value) < 100 else None
        parts = match.groups() if match else ()
        value = sum(float(part) * unit for part, unit in zip(parts, _UNITS, strict=False) if part)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e9:
        raise _wrong("is not a duration above zero", "try 90s, 10m or 1h30m")
    return float(value)


def read_budget(text: str) -> tuple[float, str]:
    """`30` full "trainings", `5h` of "time" or `8gpuh` of "gpu" time; times in seconds.

    Raises `ValueError` for anything else.
    """
    text = text.strip()
    if re.fullmatch(r"[0-9]*\.?[0-9]+", text):
        return float(text), "trainings"
    for ending, unit in (("gpuh", "gpu"), ("", "time")):
        if text.endswith(ending):
            time = text.removesuffix(ending) + ("h" if ending else "")
            try:
                seconds = _seconds(time)
            except PydanticCustomError:
                break
            assert isinstance(seconds, float)
            return seconds, unit
    raise ValueError(text)


def _budget(value: object) -> object:
    text = str(value)
    try:
        amount = 0.0 if isinstance(value, bool) else read_budget(text)[0]
    except ValueError:
        amount = 0.0
    if not 0 < amount < 1e12:
        raise _wrong("is no budget", "try --budget 30, --budget 5h or --budget 8gpuh")
    return text


def duration_text(seconds: float) -> str:
    """`90s`, `10m`: in the largest unit that says it exactly."""
    units = ((3600, "h"), (60, "m"))
    return next((f"{seconds / n:g}{u}" for n, u in units if seconds % n == 0), f"{seconds}s")


def _size(value: object) -> object:
    """`1GiB` as it is written, once it is known to be a size; a number counts bytes."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not size_bytes(text) >= _SMALLEST_LOG:
        raise _wrong("is not a size of at least 1MiB", "try 512MiB or 10GB")
    return text


def size_bytes(text: str) -> int:
    """How many bytes `512MiB`, `10GB` or `1000000` are; 0 for what is no size."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        return 0
    number, unit, binary = match.groups()
    base = 1024 if binary else 1000
    return int(float(number) * base ** (" KMGT".index(unit.upper()) if unit else 0))


def _sampler(value: object) -> object:
    return _method(value, SAMPLERS)


def _pruner(value: object) -> object:
    return _method(value, PRUNERS)


def _method(value: object, known: Methods) -> object:
    """`asha:reduction=3,min=5%` as it is written, once it is known to be right."""
    if not isinstance(value, str):
        return value
    try:
        return str(parse_method(value, known))
    except PlanError as error:
        raise _wrong(error.message, error.hint) from None


def _jobs(value: object) -> object:
    if value is None or value == "auto":
        return value
    count = (
        int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 10 else value
    )
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise _wrong("is not a number above zero", "try -j 2 or -j auto")
    if count > _MOST_JOBS:
        raise _wrong(f"is more than {_MOST_JOBS} trials at a time", "try -j auto")
    return count


def _range_texts(value: object) -> object:
    """`lr=1e-5:1` for each entry of a table `lr = "1e-5:1"`; TOML's lists and numbers as they are.

    A text is in the grammar of spaces, and so not quoted.
    """
    if not isinstance(value, Mapping):
        return value
    return tuple(f"{name}={_range_text(item)}" for name, item in value.items())


def _range_text(value: object) -> str:
    if isinstance(value, list):
        return ",".join(_value_text(item) for item in value)
    return value if isinstance(value, str) else _value_text(value)


def _value_texts(value: object) -> object:
    if not isinstance(value, Mapping):
        return value
    return tuple(f"{name}={_value_text(item)}" for name, item in value.items())


def _value_text(value: object) -> str:
    """One value in the grammar; a list in brackets, `[64, 64]`, is one value too."""
    if isinstance(value, list):
        return write_value(f"[{', '.join(_value_text(item) for item in value)}]")
    if not isinstance(value, bool | int | float | str):
        raise _wrong(f"holds {value!r}, which is no value", "give a number, a text or a list")
    return write_value(value)


def _environment_texts(value: object) -> object:
    if not isinstance(value, Mapping):
        return value
    return tuple(
        f"{name}={format_value(item) if isinstance(item, bool | int | float) else item}"
        for name, item in value.items()
    )


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _table(of: Mapping[str, Any], example: Mapping[str, Any]) -> WithJsonSchema:
    return WithJsonSchema(
        {"type": "object", "additionalProperties": dict(of), "examples": [dict(example)]}
    )


_SCALAR = ["string", "number", "boolean"]
_VALUE = {"type": [*_SCALAR, "array"]}
Count = Annotated[int, Field(strict=True, ge=1)]
CountOrNone = Annotated[int, Field(strict=True, ge=0)]
Duration = Annotated[
    float,
    BeforeValidator(_seconds),
    WithJsonSchema({"type": ["string", "number"], "examples": ["90s", "10m", "1h30m"]}),
]
Sampler = Annotated[
    str,
    BeforeValidator(_sampler),
    WithJsonSchema({"type": "string", "examples": [*SAMPLERS, "tpe:startup=20"]}),
]
Pruner = Annotated[
    str,
    BeforeValidator(_pruner),
    WithJsonSchema({"type": "string", "examples": [*PRUNERS, "asha:reduction=3,min=5%"]}),
]
Jobs = Annotated[
    int | Literal["auto"],
    BeforeValidator(_jobs),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1}, {"const": "auto"}]}),
]
Size = Annotated[
    str,
    BeforeValidator(_size),
    WithJsonSchema({"type": ["string", "integer"], "examples": ["512MiB", "10GB"]}),
]
Ranges = Annotated[
    tuple[str, ...],
    BeforeValidator(_range_texts),
    _table(_VALUE, {"lr": "1e-5:1", "optimizer": ["sgd", "adamw"]}),
]
Values = Annotated[tuple[str, ...], BeforeValidator(_value_texts), _table(_VALUE, {"epochs": 5})]
Environment = Annotated[
    tuple[str, ...],
    BeforeValidator(_environment_texts),
    _table({"type": _SCALAR}, {"LEARNING_RATE": "{lr}"}),
]
Budget = Annotated[
    str,
    BeforeValidator(_budget),
    WithJsonSchema({"type": ["string", "number"], "examples": [30, "5h", "8gpuh"]}),
]
Names = Annotated[
    tuple[str, ...],
    BeforeValidator(
        lambda v: tuple(n.strip() for text in _listed(v) for n in str(text).split(",") if n.strip())
    ),
]
Texts = Annotated[tuple[str, ...], BeforeValidator(lambda v: (v,) if isinstance(v, str) else v)]
STRICT = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


class Settings(BaseModel):
    """What may be said of a sweep. Times in seconds; None where the sweep decides."""

    model_config = STRICT

    space: Annotated[
        Ranges,
        Setting(
            "A parameter to search: lr=1e-5:1, batch_size=16:256:pow2, optimizer=sgd,adamw, "
            "lr@sgd=1e-3:1; lr=auto takes the range of the optimizer.",
            SEARCH,
            flags=("--space", "-s"),
            metavar="NAME=…",
        ),
    ] = ()
    fixed: Annotated[
        Values,
        Setting(
            "A fixed parameter; it yields to a parameter of the space.",
            SEARCH,
            flags=("--set",),
            metavar="NAME=VALUE",
            key="set",
        ),
    ] = Field(default=(), validation_alias=AliasChoices("set", "fixed"))
    sampler: Annotated[
        Sampler,
        Setting(
            f"How to choose: {', '.join(SAMPLERS)}; parameters follow a colon (tpe:startup=20).",
            SEARCH,
            metavar="NAME[:…]",
            choices=tuple(SAMPLERS),
        ),
    ] = "auto"
    pruner: Annotated[
        Pruner,
        Setting(
            f"How to stop trials that fall behind: {', '.join(PRUNERS)}; parameters follow a colon "
            "(asha:reduction=3,min=5%).",
            SEARCH,
            metavar="NAME[:…]",
            choices=tuple(PRUNERS),
        ),
    ] = "median"
    scale: Annotated[
        Names,
        Setting(
            "Parameters that say how large a run is, with commas: width,batch_size,epochs. They "
            "are laid out for lrsweep predict, not searched for the best.",
            SEARCH,
            metavar="NAME,…",
        ),
    ] = ()
    stop_diverged: Annotated[
        bool,
        Setting(
            "Stop a trial whose loss explodes or jumps above where it began.",
            SEARCH,
            default="on",
        ),
    ] = True
    enqueue: Annotated[
        Texts,
        Setting(
            "A point to try first: lr=0.1,optimizer=sgd. What it leaves out the sampler chooses.",
            SEARCH,
            metavar="NAME=VALUE,…",
        ),
    ] = ()
    points: Annotated[
        str | None,
        Setting(
            "Points to try first, from a file: CSV with a header, or JSON lines.",
            SEARCH,
            metavar="FILE",
        ),
    ] = None
    warm_from: Annotated[
        str | None,
        Setting(
            "Another study of the same database whose results are prior knowledge; its best points "
            "are tried first.",
            SEARCH,
            metavar="STUDY",
        ),
    ] = None
    where: Annotated[
        Texts,
        Setting(
            "A condition that every point must meet: 'lr*batch_size < 64'.",
            SEARCH,
            metavar="CONDITION",
        ),
    ] = ()
    repeats: Annotated[
        Count,
        Setting("Run every point so often, each time with another seed.", SEARCH, metavar="K"),
    ] = 1
    compare: Annotated[
        str | None,
        Setting(
            "Give each value of this choice the same number of trials, the others tuned for each.",
            SEARCH,
            metavar="NAME",
        ),
    ] = None
    stop_after: Annotated[
        Count | None,
        Setting(
            "End the sweep after so many trials without an improvement beyond noise.",
            SEARCH,
            metavar="N",
        ),
    ] = None
    target_value: Annotated[
        float | None,
        Setting(
            "End the sweep once a trial is as good as this.",
            SEARCH,
            flags=("--target",),
            metavar="VALUE",
        ),
    ] = None
    budget: Annotated[
        Budget | None,
        Setting(
            "End the sweep once its trials have spent so many full trainings (30), so much time "
            "together (5h), or so much time of GPUs (8gpuh).",
            SEARCH,
            metavar="N|TIME",
        ),
    ] = None
    stop_converged: Annotated[
        bool,
        Setting(
            "End the sweep once no further trial is expected to gain more than the noise between "
            "runs.",
            SEARCH,
        ),
    ] = False
    trials: Annotated[
        Count | None,
        Setting(
            "How many trials the study should have in the end.",
            SEARCH,
            flags=("--trials", "-n"),
            default="the whole grid, what the study says, or 20",
        ),
    ] = None
    seed: Annotated[
        Annotated[int, Field(strict=True)], Setting("The seed of everything random.", SEARCH)
    ] = 0
    metric: Annotated[
        str | None,
        Setting(
            "The objective, as the script reports it. Given again: a further metric to show.",
            OBJECTIVE,
            more="show_metric",
        ),
    ] = None
    show_metric: Annotated[
        Texts,
        Setting("A further metric to show in tables, as the script reports it.", OBJECTIVE),
    ] = ()
    direction: Annotated[
        Literal["minimize", "maximize"] | None,
        Setting(
            "minimize or maximize.", OBJECTIVE, default="by the metric's name, where it is certain"
        ),
    ] = None
    objective: Annotated[
        Rule,
        Setting(
            "Which value of a trial's curve counts: its last, its best, or the mean of its last "
            f"{TAIL} (tail). Of folds, the mean.",
            OBJECTIVE,
        ),
    ] = "last"
    metric_regex: Annotated[
        str | None,
        Setting(
            "Find the objective in the output by a regular expression with the group value, and "
            "step where the output names it.",
            OBJECTIVE,
            metavar="REGEX",
        ),
    ] = None
    metric_file: Annotated[
        Texts,
        Setting(
            "Read the objective from files that the script writes: CSV, JSON, JSON lines or "
            "TensorBoard events; {dir} is the trial's folder.",
            OBJECTIVE,
            metavar="PATTERN",
        ),
    ] = ()
    args_style: Annotated[
        StyleName | None,
        Setting(
            "How parameters without a placeholder are appended to the command: argparse, hydra, "
            "keyvalue, lightning or none.",
            COMMAND,
            flags=("--args",),
            metavar="STYLE",
            default="found out from the script",
        ),
    ] = None
    env: Annotated[
        Environment,
        Setting(
            "An environment variable of every trial; {lr} stands for a parameter.",
            COMMAND,
            metavar="NAME=VALUE",
        ),
    ] = ()
    template: Annotated[
        str | None,
        Setting(
            "A YAML, TOML or JSON file in which parameters are set by their dotted keys for each "
            "trial; {config} in the command is its path.",
            COMMAND,
            metavar="FILE",
        ),
    ] = None
    workdir: Annotated[
        str | None,
        Setting(
            "Where trials run.",
            COMMAND,
            metavar="FOLDER",
            default="here, or beside the sweep.toml with the command",
        ),
    ] = None
    isolate: Annotated[
        Isolation | None,
        Setting(
            "Run each trial in its own copy or git worktree of that folder, removed afterwards: "
            "copy or worktree.",
            COMMAND,
            metavar="HOW",
        ),
    ] = None
    jobs: Annotated[
        Jobs | None,
        Setting(
            "Trials at a time, or auto: one a GPU, else one a core.",
            MACHINE,
            flags=("--jobs", "-j"),
            metavar="N|auto",
            default="auto",
            variable="LRSWEEP_JOBS",
        ),
    ] = None
    device: Annotated[
        Device,
        Setting(
            "auto, cpu or cuda (gpu is another word for it).", MACHINE, variable="LRSWEEP_DEVICE"
        ),
    ] = "auto"
    gpus: Annotated[
        str,
        Setting(
            "all, none, or indices and UUIDs with commas: 0,2.",
            MACHINE,
            metavar="WHICH",
            variable="LRSWEEP_GPUS",
        ),
    ] = "all"
    trials_per_gpu: Annotated[
        Count, Setting("Trials at a time on each GPU.", MACHINE, metavar="N")
    ] = 1
    gpus_per_trial: Annotated[
        Count,
        Setting(
            "GPUs that each trial trains on together; on the CPU, processes.",
            MACHINE,
            metavar="N",
        ),
    ] = 1
    share_gpus: Annotated[
        bool, Setting("Also use GPUs that another sweep of this machine has taken.", MACHINE)
    ] = False
    threads: Annotated[
        Count | None,
        Setting(
            "CPU threads of a trial.",
            MACHINE,
            metavar="N",
            default="cores divided by jobs",
            variable="LRSWEEP_THREADS",
        ),
    ] = None
    timeout: Annotated[
        Duration | None,
        Setting("End the sweep after this long: 90s, 10m, 1h30m.", MACHINE, metavar="TIME"),
    ] = None
    trial_timeout: Annotated[
        Duration | None, Setting("End a trial after this long.", MACHINE, metavar="TIME")
    ] = None
    retries: Annotated[
        CountOrNone,
        Setting("How often a trial that was lost is run again.", MACHINE, metavar="N"),
    ] = 1
    max_log: Annotated[
        Size,
        Setting(
            "How much disk the output of a trial may take (512MiB, 10GB); of more, the beginning "
            "and the end are kept.",
            MACHINE,
            metavar="SIZE",
        ),
    ] = "1GiB"
    retry_crashed: Annotated[
        bool,
        Setting(
            "Run crashed trials again too, as often as --retries says, and those that crashed or "
            "timed out in earlier runs.",
            MACHINE,
        ),
    ] = False
    start: Annotated[
        Start,
        Setting(
            "warm: fork each trial from a process that has imported torch and the script's other "
            "libraries; cold: start each afresh.",
            MACHINE,
            metavar="HOW",
            default="auto, warm where that is the same",
        ),
    ] = "auto"
    observe: Annotated[
        Observe,
        Setting(
            "auto: see in each trial that trains with PyTorch the loss, the learning rate and the "
            "optimizer that it really uses; off: leave its processes alone.",
            MACHINE,
        ),
    ] = "auto"
    storage: Annotated[
        str,
        Setting(
            "The study database, as an SQLAlchemy URL.", KEEP, metavar="URL", variable=ENV_STORAGE
        ),
    ] = DEFAULT_STORAGE
    study: Annotated[
        str | None,
        Setting(
            "The study's name.",
            KEEP,
            metavar="NAME",
            default="the target's, with the preset's appended",
        ),
    ] = None
    sweep_dir: Annotated[
        str | None,
        Setting(
            "Where trial folders go.",
            KEEP,
            flags=("--dir",),
            metavar="FOLDER",
            key="dir",
            default="lrsweep-runs/STUDY",
        ),
    ] = Field(default=None, validation_alias=AliasChoices("dir", "sweep_dir"))
    fail_above: Annotated[
        float | None,
        Setting(
            "Exit with 3 where the best value is above VALUE, or there is none.",
            CHECK,
            metavar="VALUE",
        ),
    ] = None
    fail_below: Annotated[
        float | None,
        Setting(
            "Exit with 3 where the best value is below VALUE, or there is none.",
            CHECK,
            metavar="VALUE",
        ),
    ] = None
    max_failed: Annotated[
        CountOrNone | None,
        Setting(
            "Exit with 4 where more than N trials of this run failed.",
            CHECK,
            metavar="N",
            default="where all did",
        ),
    ] = None
    junit: Annotated[
        str | None, Setting("Write the trials as a JUnit report.", CHECK, metavar="FILE")
    ] = None

    def replaced(self, **changes: Any) -> Self:
        """The same with `changes`, which count as said; they are not checked again."""
        return self.model_copy(update=changes)

    def said(self) -> dict[str, Any]:
        """The settings that somebody gave a value, by name."""
        return {
            name: value
            for name in Settings.model_fields
            if name in self.model_fields_set and (value := getattr(self, name)) not in (None, ())
        }


DECLARED = declared(Settings.model_fields)
BY_NAME = {one.name: one for one in DECLARED}
