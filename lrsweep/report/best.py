"""The parameters that a study recommends, for other programs: arguments, JSON, TOML, …"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

import tomlkit
import yaml

from lrsweep.errors import NotFound
from lrsweep.report.study_report import StudyReport
from lrsweep.shell_lines import shell_line
from lrsweep.space import format_value
from lrsweep.trial import Params

_PREFIX = "LRSWEEP_"


def recommended(report: StudyReport) -> Params:
    """The parameters of the best setting; raises `NotFound` where nothing is recommended."""
    best = report.landscape.best
    if best is None or not report.landscape.recommends:
        said = report.answer.next.text if report.answer.next else "no trial completed"
        raise NotFound(f"study {report.rows.name!r} recommends nothing: {said}")
    return best.params


def to_args(params: Params) -> str:
    """`--lr=0.01 --optimizer=sgd`, quoted for a shell; what is None is left out."""
    given = {name: value for name, value in params.items() if value is not None}
    return shell_line([f"--{name}={format_value(value)}" for name, value in given.items()]) + "\n"


def to_env(params: Params) -> str:
    """`LRSWEEP_LR=0.01`, a line each, for `eval` or an environment file."""
    lines = []
    for name, value in params.items():
        if value is not None:
            variable = _PREFIX + re.sub(r"\W", "_", name, flags=re.ASCII).upper()
            lines.append(f"{variable}={shell_line([format_value(value)])}\n")
    return "".join(lines)


def to_json(params: Params) -> str:
    """One object."""
    return json.dumps(dict(params), indent=2, allow_nan=False) + "\n"


def to_toml(params: Params) -> str:
    """A table; TOML has no null, so that what is None is left out."""
    return tomlkit.dumps({name: value for name, value in params.items() if value is not None})


def to_yaml(params: Params) -> str:
    """A mapping."""
    return yaml.safe_dump(dict(params), sort_keys=False, allow_unicode=True)


FORMATS: Mapping[str, Callable[[Params], str]] = {
    "args": to_args,
    "json": to_json,
    "env": to_env,
    "toml": to_toml,
    "yaml": to_yaml,
}
