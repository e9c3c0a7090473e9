"""What to read from a script that knows nothing of lrsweep."""

from __future__ import annotations

from dataclasses import dataclass, field

from lrsweep.capture.regex import MetricRegex
from lrsweep.capture.rows import Form
from lrsweep.errors import PlanError

# How sure it is that a source shows a metric: its form, then whether it is standard output.
Rank = tuple[Form, bool]


class Expected:
    """From which sources the metrics of earlier trials came: a later trial waits for them, so that
    its curve is compared with theirs and not with a progress bar."""

    def __init__(self) -> None:
        self._ranks: dict[str, Rank] = {}

    def waits(self, name: str, rank: Rank) -> bool:
        """Whether a surer source than that of `rank` is to be expected for `name`."""
        return self._ranks.get(name, rank) > rank

    def learn(self, name: str, rank: Rank) -> None:
        self._ranks[name] = max(rank, self._ranks.get(name, rank))


@dataclass(frozen=True, slots=True)
class CaptureSpec:
    """The objective and where to find it.

    `regex` is searched in every line of output; its group `value` is the objective, its group
    `step`, where there is one, the step. `files` are patterns of files that the script writes, in
    which `{dir}` is the trial's folder; where there are any, the objective is read from them alone.
    `batch_size` turns steps into examples. `expected` is shared by the trials of a sweep. With
    `client` the script can report by itself: its output is read only where it never does.

    Raises `PlanError` for a regex that does not compile or has no group `value`.
    """

    metric: str
    regex: str | None = None
    files: tuple[str, ...] = ()
    batch_size: int | None = None
    client: bool = False
    expected: Expected = field(default_factory=Expected, compare=False)

    def __post_init__(self) -> None:
        if self.regex is not None:
            MetricRegex(self.regex)
        if self.regex is not None and self.files:
            raise PlanError(
                "--metric-regex reads the output and --metric-file reads files: give one of them"
            )
