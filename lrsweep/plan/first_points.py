"""Points to try first, as they are written: `lr=0.1,optimizer=sgd`, or a file of them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from lrsweep.errors import PlanError, SpaceError
from lrsweep.settings import Settings
from lrsweep.space import Fixed, Parameter, Space, format_value
from lrsweep.space.values import read_value, split_list
from lrsweep.trial import Params, ParamValue


def first_points(said: Settings, space: Space) -> tuple[Params, ...]:
    """The points of `--enqueue`, then those of `--points`, by plain names; some may be partial.

    Raises `PlanError` for what cannot be read or does not lie in `space`.
    """
    written = [(f"--enqueue {text!r}", _enqueued(text)) for text in said.enqueue]
    if said.points is not None:
        written += _of_file(Path(said.points))
    points = tuple((where, _point(where, values, space)) for where, values in written)
    if said.sampler == "grid":
        for where, point in points:
            missing = [p.name for p in space.active(point) if p.name not in point]
            if missing:
                raise PlanError(f"{where}: a grid chooses nothing, and {missing[0]} is missing")
    return tuple(point for _, point in points)


def _enqueued(text: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for item in split_list(text):
        name, equals, value = item.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise PlanError(
                f"--enqueue {text!r}: {item.strip()!r} is no NAME=VALUE",
                hint="try --enqueue lr=0.1,optimizer=sgd",
            )
        values[name.strip()] = value.strip()
    return values


def _of_file(path: Path) -> list[tuple[str, dict[str, str]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError(f"--points {path} cannot be read: {error}") from None
    rows = list(_json_lines(path, text) if text.lstrip()[:1] == "{" else _csv_rows(text))
    if not rows:
        raise PlanError(f"--points {path} holds no points", hint="CSV with a header, or JSON lines")
    return [(f"--points {path}, line {line}", values) for line, values in rows]


def _json_lines(path: Path, text: str) -> Iterator[tuple[int, dict[str, str]]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            content = json.loads(line)
        except ValueError:
            content = None
        if not isinstance(content, dict):
            raise PlanError(f"--points {path}, line {number}: this is no JSON object")
        content = content["params"] if isinstance(content.get("params"), dict) else content
        yield number, {k: v if isinstance(v, str) else _text(v) for k, v in content.items()}


def _text(value: object) -> str:
    if value is None or isinstance(value, bool | int | float):
        return format_value(value)
    return json.dumps(value)


def _csv_rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(text), skipinitialspace=True)
    for row in reader:
        yield (
            reader.line_num,
            {
                name.strip(): value.strip()
                for name, value in row.items()
                if name is not None and isinstance(value, str) and value.strip()
            },
        )


def _point(where: str, values: Mapping[str, str], space: Space) -> Params:
    known = space.names()
    point: dict[str, ParamValue] = {}
    for name in values:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"parameters: {', '.join(known)}"
            raise PlanError(f"{where}: there is no parameter {name}", hint=hint)
    for name in [p.name for p in space.ordered()]:
        if name in values and name not in point:
            candidates = [p for p in space.parameters if p.name == name]
            point[name] = _value(where, values[name], candidates)
    for name in point:
        _check_conditions(where, name, point, space)
    return point


def _value(where: str, text: str, candidates: Sequence[Parameter]) -> ParamValue:
    try:
        value = read_value(text, candidates[0].name)
    except SpaceError as error:
        raise PlanError(f"{where}: {error.message}", hint=error.hint) from None
    for parameter in candidates:
        for form in _forms(value, text):
            if parameter.contains(form):
                return form
    listed = " or ".join(str(parameter) for parameter in candidates)
    verb = "is not the fixed value of" if isinstance(candidates[0], Fixed) else "does not lie in"
    raise PlanError(f"{where}: {text} {verb} {listed}")


def _forms(value: ParamValue, text: str) -> Iterator[ParamValue]:
    """A value as it was read, and as a float, a whole number or the text itself."""
    if isinstance(value, float) and value.is_integer():
        yield value
        yield int(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield float(value)
        yield value
    else:
        yield value
    yield text


def _check_conditions(where: str, name: str, point: Params, space: Space) -> None:
    """Refuse a value of a parameter that cannot exist beside the others of the point."""
    for parameter in space.parameters:
        if parameter.name != name:
            continue
        when = parameter.when
        if when is None or when.parent not in point or when.holds(point):
            return
    raise PlanError(f"{where}: {name} does not exist beside the other values of this point")
