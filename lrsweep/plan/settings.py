"""Every setting of a sweep, declared once: flags, `sweep.toml` and its presets all say these.

A field that says nothing is None or empty. `lrsweep.cli.run` has a flag of the same name for each
field, and `sweep.schema.json` is made from this module.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.dataclasses import dataclass
from pydantic_core import PydanticCustomError

from lrsweep.scripts.styles import StyleName
from lrsweep.space import format_value
from lrsweep.space.values import write_value

Sampler = Literal["grid", "random", "tpe", "gp", "qmc"]
Pruner = Literal["median", "none"]
Device = Literal["auto", "cpu", "cuda"]
Start = Literal["auto", "warm", "cold"]
Isolation = Literal["copy", "worktree"]

_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s?)?")
_UNITS = (3600.0, 60.0, 1.0)


def _wrong(sentence: str, hint: str) -> PydanticCustomError:
    return PydanticCustomError("setting", "{sentence}", {"sentence": sentence, "hint": hint})


def _seconds(value: object) -> object:
    """Seconds of `90`, `90s`, `10m`, `1h30m`; a number is seconds already."""
    if isinstance(value, str):
        match = _DURATION.fullmatch(value.strip())
        parts = match.groups() if match else ()
        value = sum(float(part) * unit for part, unit in zip(parts, _UNITS, strict=False) if part)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e9:
        raise _wrong("is not a duration above zero", "try 90s, 10m or 1h30m")
    return float(value)


def _jobs(value: object) -> object:
    if value is None or value == "auto":
        return value
    count = int(value) if isinstance(value, str) and value.isdecimal() else value
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise _wrong("is not a number above zero", "try -j 2 or -j auto")
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
Jobs = Annotated[
    int | Literal["auto"],
    BeforeValidator(_jobs),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1}, {"const": "auto"}]}),
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
Texts = Annotated[tuple[str, ...], BeforeValidator(lambda v: (v,) if isinstance(v, str) else v)]
STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Settings:
    """What may be said of a sweep; None or empty where nothing was said. Times in seconds."""

    space: Ranges = Field(
        default=(), description='The parameters to search: lr = "1e-5:1", optimizer = ["sgd"].'
    )
    fixed: Values = Field(
        default=(),
        validation_alias=AliasChoices("set", "fixed"),
        description="Fixed parameters. They yield to a parameter of the space.",
    )
    sampler: Sampler | None = Field(default=None, description="How to choose; tpe by itself.")
    pruner: Pruner | None = Field(
        default=None, description="How to stop trials that fall behind; median by itself."
    )
    trials: Count | None = Field(
        default=None, description="How many trials the study should have in the end."
    )
    metric: str | None = Field(default=None, description="The objective, as the script reports it.")
    metric_regex: str | None = Field(
        default=None,
        description="Find the objective in the output: a regular expression with the group "
        "value, and step where the output names it.",
    )
    metric_file: Texts = Field(
        default=(),
        description="Read the objective from files that the script writes: CSV, JSON, JSON lines "
        "or TensorBoard events; {dir} is the trial's folder.",
    )
    direction: Literal["minimize", "maximize"] | None = Field(
        default=None,
        description="Which values of the metric are better; by its name where certain.",
    )
    seed: Annotated[int, Field(strict=True)] | None = Field(
        default=None, description="The seed of everything random; 0 by itself."
    )
    jobs: Jobs | None = Field(default=None, description="Trials at a time.")
    timeout: Duration | None = Field(default=None, description="End the sweep after this long.")
    trial_timeout: Duration | None = Field(default=None, description="End a trial after this long.")
    device: Device | None = Field(default=None, description="Where trials run; auto by itself.")
    gpus: str | None = Field(
        default=None, description="Which GPUs: all, none, or indices and UUIDs with commas."
    )
    trials_per_gpu: Count | None = Field(
        default=None, description="Trials at a time on each GPU; 1 by itself."
    )
    gpus_per_trial: Count | None = Field(
        default=None,
        description="GPUs that each trial trains on, data-parallel; 1 by itself. On the CPU, "
        "processes.",
    )
    share_gpus: bool | None = Field(
        default=None, description="Also use GPUs that another sweep has taken."
    )
    threads: Count | None = Field(
        default=None, description="CPU threads of a trial; cores divided by jobs by itself."
    )
    retries: CountOrNone | None = Field(
        default=None, description="How often a trial that was lost is run again; 1 by itself."
    )
    retry_crashed: bool | None = Field(
        default=None, description="Run crashed trials again too, as often as retries says."
    )
    start: Start | None = Field(
        default=None,
        description="How training processes start: warm, cold, or auto by itself.",
    )
    storage: str | None = Field(
        default=None, description="The study database, as an SQLAlchemy URL."
    )
    study: str | None = Field(default=None, description="The study's name.")
    sweep_dir: str | None = Field(
        default=None,
        validation_alias=AliasChoices("dir", "sweep_dir"),
        description="Where trial folders go; lrsweep-runs/STUDY by itself.",
    )
    args_style: StyleName | None = Field(
        default=None,
        description="How parameters without a placeholder are appended to the command; "
        "found out from the script by itself.",
    )
    env: Environment = Field(
        default=(), description="Environment variables of a trial; {lr} stands for a parameter."
    )
    template: str | None = Field(
        default=None,
        description="A YAML, TOML or JSON file in which the parameters are set for each trial; "
        "its path is {config}.",
    )
    workdir: str | None = Field(default=None, description="The folder in which trials run.")
    isolate: Isolation | None = Field(
        default=None, description="Give each trial a copy or a git worktree of its folder."
    )
    max_failed: CountOrNone | None = Field(
        default=None, description="Exit with 4 where more trials than this failed."
    )
    fail_above: float | None = Field(
        default=None, description="Exit with 3 where the best value is above this."
    )
    fail_below: float | None = Field(
        default=None, description="Exit with 3 where the best value is below this."
    )
    junit: str | None = Field(default=None, description="Write a JUnit report to this file.")
