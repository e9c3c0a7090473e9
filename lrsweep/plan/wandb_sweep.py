"""A W&B sweep configuration as a `sweep.toml`.

The configuration is that of W&B's documentation, "Sweep configuration options": `program` or
`command`, `method`, `metric`, `parameters` with `value`, `values`, `min`/`max` and `distribution`,
`run_cap`, `early_terminate`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
import yaml

from lrsweep.errors import PlanError
from lrsweep.space.values import write_value
from lrsweep.terms import is_learning_rate

_SAMPLERS = {"grid": "grid", "random": "random", "bayes": "auto"}
_LOG = ("log_uniform_values", "q_log_uniform_values", "inv_log_uniform_values")
_OF_EXPONENT = ("log_uniform", "q_log_uniform")
_UNIFORM = ("uniform", "q_uniform", "int_uniform", "")
# What stands in a W&B command for what lrsweep adds itself.
_ARGUMENTS = ("${args}", "${args_no_hyphens}", "${args_no_boolean_flags}", "${args_json}")


@dataclass(frozen=True, slots=True)
class Imported:
    """The text of a `sweep.toml`, and what of the configuration it does not say."""

    text: str
    notes: tuple[str, ...]


def import_wandb(path: Path) -> Imported:
    """The configuration at `path` as a `sweep.toml`.

    Raises `PlanError` where it cannot be read, or holds a parameter that no range of lrsweep is.
    """
    content = _read(path)
    notes: list[str] = []
    document = tomlkit.document()
    document.add(tomlkit.comment(f"from {path.name}"))
    for key, value in _target(content, path):
        document.add(key, value)
    metric = content.get("metric") or {}
    if metric.get("name"):
        document.add("metric", str(metric["name"]))
    if metric.get("goal"):
        document.add("direction", str(metric["goal"]))
    sampler = _SAMPLERS.get(str(content.get("method")))
    if sampler is None:
        raise PlanError(f"{path}: method {content.get('method')!r} is none of grid, random, bayes")
    document.add("sampler", sampler)
    if content.get("run_cap"):
        document.add("trials", int(content["run_cap"]))
    if content.get("early_terminate"):
        document.add("pruner", "hyperband")
        notes.append("early_terminate became the pruner hyperband with its own defaults")
    fixed, space = tomlkit.table(), tomlkit.table()
    for name, said in _parameters(content.get("parameters") or {}):
        if "value" in said:
            fixed.add(name, said["value"])
        else:
            space.add(name, _range(path, name, said, notes))
    if fixed:
        document.add("set", fixed)
    document.add("space", space)
    known = {"program", "command", "method", "metric", "parameters", "run_cap", "early_terminate"}
    notes += [f"{key} is left out" for key in content if key not in {*known, "name", "description"}]
    return Imported(tomlkit.dumps(document), tuple(notes))


def _read(path: Path) -> Mapping[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PlanError(f"cannot read {path}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        words = " ".join(str(error).split())
        raise PlanError(f"{path} is not valid YAML: {words}") from error
    if not isinstance(content, Mapping) or not isinstance(content.get("parameters"), Mapping):
        raise PlanError(f"{path} is no sweep configuration of W&B: it has no parameters")
    return content


def _target(content: Mapping[str, Any], path: Path) -> Iterator[tuple[str, Any]]:
    command = content.get("command")
    program = content.get("program")
    if command:
        words = [str(word) for word in command if str(word) not in _ARGUMENTS]
        put = {"${env}": "", "${interpreter}": "python", "${program}": str(program or "")}
        yield "command", [put.get(word, word) for word in words if put.get(word, word)]
        if "${args_no_hyphens}" in command:
            yield "args_style", "hydra"
    elif program:
        yield "script", str(program)
    else:
        raise PlanError(f"{path} names no program", hint="add program: train.py")


def _parameters(said: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every parameter with its dotted name; W&B nests them."""
    for name, value in said.items():
        if isinstance(value, Mapping) and isinstance(value.get("parameters"), Mapping):
            yield from _parameters(value["parameters"], f"{prefix}{name}.")
        elif isinstance(value, Mapping):
            yield f"{prefix}{name}", dict(value)
        else:
            yield f"{prefix}{name}", {"value": value}


def _range(path: Path, name: str, said: Mapping[str, Any], notes: list[str]) -> Any:
    """The text of a range in the grammar of spaces, or a list of values."""
    if "values" in said:
        if "probabilities" in said:
            notes.append(f"{name}: its values are equally likely here")
        return [v if isinstance(v, bool | int | float | str) else str(v) for v in said["values"]]
    kind = str(said.get("distribution", ""))
    if "min" not in said or "max" not in said:
        raise PlanError(
            f"{path}: {name} has the distribution {kind or 'none'}, and no min and max",
            hint=f"give it min and max, or values, in {path.name}",
        )
    low, high = said["min"], said["max"]
    if kind in _OF_EXPONENT:
        low, high = math.exp(low), math.exp(high)
    elif kind not in (*_LOG, *_UNIFORM):
        raise PlanError(f"{path}: {name} has the distribution {kind}, which lrsweep has not")
    log = kind in (*_LOG, *_OF_EXPONENT)
    whole = isinstance(low, int) and isinstance(high, int) and kind in ("", "int_uniform")
    if not log and is_learning_rate(name) and low > 0:
        notes.append(f"{name} is searched on a linear scale, as there; :log suits a learning rate")
    ends = [write_value(v if whole else float(v)) for v in (low, high)]
    step = f":step={write_value(said['q'])}" if "q" in said and not log else ""
    scale = "log" if log else "int" if whole else "linear"
    return f"{ends[0]}:{ends[1]}:{scale}{step}"
