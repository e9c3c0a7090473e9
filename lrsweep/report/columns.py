"""The columns of a study's trials, and the trials in the order and number asked for."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from enum import StrEnum

from lrsweep.analysis.diagnosis import NO_DIAGNOSES, Diagnoses
from lrsweep.capture.names import canonical, meant_by
from lrsweep.errors import InputError
from lrsweep.terms import direction_of, is_measure
from lrsweep.trial import Direction, Outcome, ParamValue, StudyRows, TrialRow

Cell = bool | int | float | str | datetime | None
BEST_FIRST = "best"
_TRAINING = "train"
_SPLITS = {"val": 0, "dev": 0, "holdout": 0, "eval": 0, "test": 1, _TRAINING: 3}
# With these a name is that of a setting or of the training: `gradient_accumulation_steps`.
_OF_THE_TRAINING = frozenset(
    {"grad", "gradient", "gradients", "steps", "step", "scale", "weight", "smoothing", "norm"}
    | {"initial", "warmup", "rate", "learningrate", "time", "second", "seconds", "s", "per"}
)


class Kind(StrEnum):
    """Where a column comes from."""

    IDENTITY = "identity"
    OBJECTIVE = "objective"
    PARAMETER = "parameter"
    METRIC = "metric"
    CURVE = "curve"
    RUN = "run"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `cell(trial)` is its value for a trial, None where the trial has none.

    `key` is what the parameter or metric itself is called, where `name` had to differ from it.
    """

    name: str
    kind: Kind
    cell: Callable[[TrialRow], Cell]
    key: str = ""


def columns(rows: StudyRows, diagnoses: Diagnoses = NO_DIAGNOSES) -> tuple[Column, ...]:
    """Every column, each name once: a parameter named `seed` becomes `params.seed`."""
    fixed = [
        Column("trial", Kind.IDENTITY, lambda t: t.number),
        Column("outcome", Kind.IDENTITY, outcome_name),
        Column(rows.metric, Kind.OBJECTIVE, lambda t: t.value),
    ]
    curve = Column("curve", Kind.CURVE, lambda t: curve_name(diagnoses, t))
    run = [
        Column("wall_s", Kind.RUN, lambda t: t.wall_s),
        Column("seed", Kind.RUN, lambda t: t.seed),
        Column("attempt", Kind.RUN, lambda t: t.attempt),
        Column("started_at", Kind.RUN, lambda t: t.started_at),
        Column("exit_code", Kind.RUN, lambda t: t.exit_code),
        Column("reason", Kind.RUN, lambda t: t.reason),
        Column("command", Kind.RUN, lambda t: shlex.join(t.command)),
    ]
    taken = {column.name for column in (*fixed, curve, *run)}
    params = list(dict.fromkeys(name for trial in rows.trials for name in trial.params))
    metrics = telling({name for values in rows.metrics.values() for name in values})
    wanted = [name for one in rows.shown for name in meant_by(one, metrics)]
    metrics = list(dict.fromkeys((*wanted, *metrics)))
    metrics = [
        name for name in metrics if name in wanted or not _repeats_parameter(rows, name, params)
    ]
    return (
        *fixed,
        *(_parameter(name, taken) for name in params),
        *(_metric(rows, name, taken | set(params)) for name in metrics if name != rows.metric),
        curve,
        *run,
    )


def select(rows: StudyRows, *, sort: str = BEST_FIRST, top: int | None = None) -> list[TrialRow]:
    """The trials in the order of `sort`, at most `top` of them.

    `sort` is `best` (completed trials from best to worst, then the others), or a column's name,
    with `:desc` for largest first. Trials without a finite value in that column come last. Raises
    `InputError` for an unknown column.
    """
    if sort == BEST_FIRST:
        ordered = sorted(rows.trials, key=lambda trial: _rank(rows, trial))
    else:
        column, descending = _sort_column(rows, sort)
        held = [t for t in rows.trials if not _is_missing(column.cell(t))]
        missing = [t for t in rows.trials if _is_missing(column.cell(t))]
        held.sort(key=lambda t: _comparable(column.cell(t)), reverse=descending)
        ordered = held + missing
    return ordered[:top]


def telling(metrics: Iterable[str]) -> list[str]:
    """Names of metrics, the most telling first: scores, losses, then what the training was like.

    Of two scores or losses that of validation data comes first, and that of training data last.
    """
    return sorted(metrics, key=lambda name: (_meaning(name), name))


def _meaning(name: str) -> tuple[int, int]:
    if not is_measure(name) or _OF_THE_TRAINING & set(words := canonical(name)):
        return 2, 0
    split = next((word for word in words if word in _SPLITS), "")
    goes_up = direction_of(name) is Direction.MAXIMIZE
    return (0 if goes_up and split != _TRAINING else 1), _SPLITS.get(split, 2)


def outcome_name(trial: TrialRow) -> str:
    """How a trial ended; "running" or "waiting" for one that has not."""
    if trial.outcome is not None:
        return trial.outcome.value
    return "waiting" if trial.started_at is None else "running"


def curve_name(diagnoses: Diagnoses, trial: TrialRow) -> str | None:
    """The label of a trial's loss curve; None where it has none that is known."""
    found = diagnoses.get(trial.number)
    return None if found is None else found.label.value


def _sort_column(rows: StudyRows, sort: str) -> tuple[Column, bool]:
    known = {column.name: column for column in columns(rows) if column.kind is not Kind.CURVE}
    known = {"value": known[rows.metric], "wall": known["wall_s"]} | known
    name, _, order = sort.rpartition(":") if sort not in known and ":" in sort else (sort, "", "")
    if name in known and order in ("", "asc", "desc"):
        return known[name], order == "desc"
    if name in known:
        raise InputError(
            f"--sort {sort}: the order {order!r} is neither asc nor desc", hint=f"try {name}:desc"
        )
    near = get_close_matches(name, known, n=1)
    raise InputError(
        f"--sort {sort}: study {rows.name!r} has no column {name!r}",
        hint=f"did you mean {near[0]}?" if near else f"columns: best, {', '.join(known)}",
    )


def _rank(rows: StudyRows, trial: TrialRow) -> tuple[int, float, int]:
    value = None if _is_missing(trial.value) else trial.value
    if trial.outcome is Outcome.COMPLETED and value is not None:
        group = 0
    elif trial.outcome in (Outcome.COMPLETED, Outcome.PRUNED):
        group = 1
    else:
        group = 2 if trial.outcome is not None else 3
    return group, rows.direction.sort_key(value), trial.number


def _parameter(name: str, taken: set[str]) -> Column:
    title = f"params.{name}" if name in taken else name
    return Column(title, Kind.PARAMETER, lambda t: t.params.get(name), name)


def _metric(rows: StudyRows, name: str, taken: set[str]) -> Column:
    title = f"metrics.{name}" if name in taken else name
    return Column(title, Kind.METRIC, lambda t: rows.metrics.get(t.number, {}).get(name), name)


def _repeats_parameter(rows: StudyRows, name: str, params: Iterable[str]) -> bool:
    """Whether a metric says in every trial what one of its parameters says: `lr`, `train/lr`."""
    tail = canonical(name.rpartition("/")[2])
    same = [param for param in params if canonical(param.rpartition(".")[2]) == tail]
    if not same:
        return False
    held = [
        (t, values[name]) for t in rows.trials if name in (values := rows.metrics.get(t.number, {}))
    ]
    return bool(held) and any(
        all(_is_close(trial.params.get(param), value) for trial, value in held) for param in same
    )


def _is_close(param: ParamValue | None, value: float) -> bool:
    return isinstance(param, int | float) and math.isclose(param, value, rel_tol=1e-6)


def _is_missing(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, float) and not math.isfinite(cell))


def _comparable(cell: Cell) -> tuple[int, float, str]:
    """Numbers before text, so that a column that mixes them sorts."""
    if isinstance(cell, datetime):
        return 0, cell.timestamp(), ""
    return (1, 0.0, cell) if isinstance(cell, str) else (0, float(cell or 0), "")
