"""What to read from a script that knows nothing of lrsweep."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lrsweep.errors import PlanError


@dataclass(frozen=True, slots=True)
class CaptureSpec:
    """The objective and where to find it.

    `regex` is searched in every line of output; its group `value` is the objective, its group
    `step`, where there is one, the step. `files` are patterns of files that the script writes, in
    which `{dir}` is the trial's folder; where there are any, the objective is read from them alone.
    `batch_size` turns steps into examples.

    Raises `PlanError` for a regex that does not compile or has no group `value`.
    """

    metric: str
    regex: str | None = None
    files: tuple[str, ...] = ()
    batch_size: int | None = None

    def __post_init__(self) -> None:
        if self.regex is not None:
            compile_metric_regex(self.regex)
        if self.regex is not None and self.files:
            raise PlanError(
                "--metric-regex reads the output and --metric-file reads files: give one of them"
            )


def compile_metric_regex(text: str) -> re.Pattern[str]:
    """The regex of `--metric-regex`; raises `PlanError` where it cannot be used."""
    try:
        pattern = re.compile(text)
    except re.error as error:
        where = "" if error.pos is None else f" at character {error.pos + 1}"
        raise PlanError(
            f"--metric-regex '{text}' is no regular expression: {error.msg}{where}"
        ) from None
    if "value" not in pattern.groupindex:
        raise PlanError(
            f"--metric-regex '{text}' has no group called value, which is to hold the number",
            hint=r"--metric-regex 'val_loss: (?P<value>\S+)'",
        )
    if unknown := sorted(set(pattern.groupindex) - {"value", "step"}):
        raise PlanError(
            f"--metric-regex '{text}' has a group called {unknown[0]}; only value and step are read"
        )
    return pattern
