"""Ranges of numbers: what they allow, which points a grid takes, how they are written.

The constructors raise `SpaceError` for a range that cannot be searched. `str(range)` always names
the scale, so that stored text does not depend on the rules for leaving it out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from lrsweep.errors import SpaceError
from lrsweep.space import spacing
from lrsweep.space.condition import Condition, Labelled
from lrsweep.space.names import check_name, shown
from lrsweep.space.values import format_value, plain_number
from lrsweep.terms import is_learning_rate
from lrsweep.trial import ParamValue

# Beyond 2^53 a database that keeps numbers as doubles no longer tells integers apart.
_LARGEST_INT = 2**53
_MOST_POINTS = 10_000
_LINEAR_POINTS = 5
# A step with more values than this says how finely to sample, not which grid to walk.
_MOST_STEPS_IN_GRID = 1_000


def is_log_by_default(name: str, low: float, high: float) -> bool:
    """Whether a float range is log-uniform unless told otherwise.

    It is where its ends are positive and lie two decades apart, or it is a learning rate's.
    """
    if low <= 0 or high <= 0:
        return False
    return is_learning_rate(name) or spacing.decades(low, high) >= 2 - 1e-9


class _Range(Labelled):
    """What `Float` and `Int` share."""

    __slots__ = ()
    low: float
    high: float
    step: float | None
    points: int | None

    @property
    def range(self) -> str:
        """The values in words: "0 … 0.5, step 0.1"."""
        text = f"{plain_number(self.low)} … {plain_number(self.high)}"
        if self.step is not None:
            text += f", step {plain_number(self.step)}"
        return text if self.points is None else f"{text}, {self.points} points"

    @property
    def _count(self) -> int:
        """How many values the step, or a scale of integers, allows."""
        raise NotImplementedError

    def _text(self, low: float, high: float, scale: str | None = None) -> str:
        """Grammar text with these ends; without `scale`, as short as it reads the same."""
        raise NotImplementedError

    def _suffixes(self) -> str:
        step = "" if self.step is None else f":step={plain_number(self.step)}"
        return step if self.points is None else f"{step}:points={self.points}"

    def _check_ends(self) -> None:
        low, high = self.low, self.high
        for end in (low, high):
            if not math.isfinite(end):
                raise SpaceError(
                    f"{plain_number(end)} is not a finite number", hint=f"try {self.label}=1e-5:1"
                )
        if low > high:
            raise SpaceError(
                f"the low end {plain_number(low)} is not below the high end {plain_number(high)}",
                hint=f"try {self._text(high, low)}",
            )
        if low == high:
            raise SpaceError(
                f"the range is empty, since both ends are {plain_number(low)}",
                hint=f"try {self.label}={format_value(low)}",
            )

    def _check_spacing(self) -> None:
        if self.points is not None and not 2 <= self.points <= _MOST_POINTS:
            raise SpaceError(
                f"points={self.points} is not between 2 and {_MOST_POINTS}",
                hint=f"try {self.label}={_ends(self.name, self.low, self.high)}:points=5",
            )
        if self.step is None:
            return
        if not (math.isfinite(self.step) and self.step > 0):
            raise SpaceError(
                f"the step {plain_number(self.step)} is not above 0",
                hint=f"try {self.label}={_ends(self.name, self.low, self.high)}",
            )
        if self._count < 2:
            raise SpaceError(
                f"the step {plain_number(self.step)} is larger than the range itself",
                hint=f"try {self.label}={_ends(self.name, self.low, self.high)}",
            )

    def _grid_points(self, count: int) -> int:
        """How many points the grid takes of `count` values that are not on a log scale."""
        if self.points is not None:
            return self.points
        all_of_them = self.step is not None and count <= _MOST_STEPS_IN_GRID
        return count if all_of_them else _LINEAR_POINTS

    def _log_grid_points(self) -> int:
        return self.points or max(2, round(spacing.decades(self.low, self.high)) + 1)


def _ends(name: str, low: float, high: float) -> str:
    """Both ends as typed by hand: without .0, unless two floats would then read as integers."""
    short = [plain_number(low), plain_number(high)]
    whole = all(text.lstrip("-").isdigit() for text in short)
    if whole and isinstance(low, float) and not is_learning_rate(name):
        short = [format_value(low), format_value(high)]
    return ":".join(short)


@dataclass(frozen=True, slots=True)
class Float(_Range):
    """A range of floats, both ends included, uniform or (`log`) log-uniform.

    With `step`, only `low`, `low + step`, … are allowed, and `high` becomes the last of them.
    `points` is how many values a grid takes: by default one per decade on the log scale, otherwise
    every value of a step, or five.
    """

    name: str
    low: float
    high: float
    log: bool
    step: float | None = None
    points: int | None = None
    when: Condition | None = None

    def __post_init__(self) -> None:
        check_name(self.name)
        # Adding zero makes 0 of -0, which would print as an integer's sign.
        object.__setattr__(self, "low", float(self.low) + 0.0)
        object.__setattr__(self, "high", float(self.high) + 0.0)
        self._check_ends()
        if self.log:
            self._check_log()
        self._check_spacing()
        if self.step is not None:
            object.__setattr__(self, "step", float(self.step))
            self._check_resolution(self.step)
            object.__setattr__(self, "high", self._at(self._count - 1))

    def _check_log(self) -> None:
        ends = _ends(self.name, self.low, self.high)
        if self.low <= 0:
            low = float(f"{self.high / 1000:.0e}")
            right = self._text(low, self.high) if low > 0 else f"{self.label}={ends}:linear"
            raise SpaceError(
                f"a log scale needs a low end above 0, and {plain_number(self.low)} is not",
                hint=f"try {right}",
            )
        if self.step is not None:
            raise SpaceError(
                "a log scale has no step, but points= says how many values a grid takes",
                hint=f"try {replace(self, step=None, points=5)}",
            )

    def _check_resolution(self, step: float) -> None:
        if step < 4 * math.ulp(max(abs(self.low), abs(self.high))):
            raise SpaceError(
                f"the step {plain_number(step)} is too small for a float to tell the values apart",
                hint=f"try {self.label}={_ends(self.name, self.low, self.high)}",
            )

    @property
    def _count(self) -> int:
        assert self.step is not None
        return spacing.steps_within(self.low, self.high, self.step) + 1

    def _at(self, index: int) -> float:
        assert self.step is not None
        return spacing.step_value(self.low, self.step, index)

    def snap(self, value: float) -> float:
        """The allowed value nearest to `value`, which is any number but NaN."""
        inside = min(max(float(value), self.low), self.high)
        if self.step is None:
            return inside
        return self._at(spacing.nearest_step(self.low, self.step, inside))

    def contains(self, value: ParamValue) -> bool:
        """Whether `value` is allowed; a rounding error of the step is forgiven."""
        if isinstance(value, bool | str | None) or not math.isfinite(value):
            return False
        if self.step is None:
            return self.low <= value <= self.high
        return abs(self.snap(value) - value) <= 1e-8 * self.step

    def grid(self) -> tuple[float, ...]:
        """The values that a grid takes, ascending, none twice."""
        if self.step is not None:
            chosen = spacing.spread(self._count, self._grid_points(self._count))
            return tuple(self._at(index) for index in chosen)
        if self.log:
            return spacing.log_points(self.low, self.high, self._log_grid_points())
        return spacing.linear_points(self.low, self.high, self.points or _LINEAR_POINTS)

    @property
    def kind(self) -> str:
        """How values are drawn, in words."""
        return "log-uniform" if self.log else "uniform"

    def __str__(self) -> str:
        return self._text(self.low, self.high, "log" if self.log else "linear")

    def _text(self, low: float, high: float, scale: str | None = None) -> str:
        if scale is None:
            by_default = self.step is None and is_log_by_default(self.name, low, high)
            scale = "" if self.log == by_default else "log" if self.log else "linear"
        word = f":{scale}" if scale else ""
        return f"{self.label}={_ends(self.name, low, high)}{word}{self._suffixes()}"


@dataclass(frozen=True, slots=True)
class Int(_Range):
    """A range of integers, both ends included: uniform, log-uniform, or powers of 2 only.

    With `step`, only `low`, `low + step`, … are allowed, and `high` becomes the last of them.
    `points` is how many values a grid takes at most: by default every power of 2 or value of a
    step, one per decade on the log scale, otherwise five.
    """

    name: str
    low: int
    high: int
    log: bool = False
    pow2: bool = False
    step: int | None = None
    points: int | None = None
    when: Condition | None = None

    def __post_init__(self) -> None:
        check_name(self.name)
        self._check_size()
        self._check_ends()
        if self.pow2:
            self._check_powers()
        if self.log or self.pow2:
            self._check_log()
        self._check_spacing()
        if self.step is not None:
            object.__setattr__(self, "high", self._at(self._count - 1))

    def _check_size(self) -> None:
        for end in (self.low, self.high):
            if abs(end) > _LARGEST_INT:
                raise SpaceError(
                    f"the integer {shown(str(end), 24)} is beyond 2^53, where a database rounds it",
                    hint=f"try {self.label}=1:{_LARGEST_INT}",
                )

    def _check_powers(self) -> None:
        for end in (self.low, self.high):
            if end < 1 or end.bit_count() != 1:
                low = _nearest_power(self.low)
                high = max(_nearest_power(self.high), 2 * low)
                raise SpaceError(
                    f"{end} is not a power of 2, and the nearest is {_nearest_power(end)}",
                    hint=f"try {self._text(low, high)}",
                )

    def _check_log(self) -> None:
        scale = "pow2" if self.pow2 else "log"
        if self.low < 1:
            raise SpaceError(
                f"a log scale needs a low end above 0, and {self.low} is not",
                hint=f"try {self._text(1, max(self.high, 10))}",
            )
        if self.pow2 and self.log:
            raise SpaceError(
                "pow2 is a log scale already",
                hint=f"try {self.label}={self.low}:{self.high}:pow2",
            )
        if self.step is not None:
            raise SpaceError(
                f"a {scale} scale has no step, but points= says how many values a grid takes",
                hint=f"try {replace(self, step=None, points=5)}",
            )

    @property
    def _count(self) -> int:
        if self.pow2:
            return self.high.bit_length() - self.low.bit_length() + 1
        return (self.high - self.low) // (self.step or 1) + 1

    def _at(self, index: int) -> int:
        return self.low << index if self.pow2 else self.low + index * (self.step or 1)

    def snap(self, value: float) -> int:
        """The allowed value nearest to `value`; nearest in its logarithm for powers of 2.

        `value` is any number but NaN.
        """
        inside = min(max(value, self.low), self.high)
        if self.pow2:
            return self._at(round(math.log2(inside / self.low)))
        return self._at(spacing.nearest_step(self.low, self.step or 1, inside))

    def contains(self, value: ParamValue) -> bool:
        """Whether `value` is an integer and allowed."""
        if isinstance(value, bool) or not isinstance(value, int):
            return False
        return self.low <= value <= self.high and self.snap(value) == value

    def grid(self) -> tuple[int, ...]:
        """The values that a grid takes, ascending, none twice."""
        count = self._count
        if self.log and count > self._log_grid_points():
            exact = spacing.log_points(self.low, self.high, self._log_grid_points())
            return tuple(sorted({self.snap(value) for value in exact}))
        whole = self.log or self.pow2
        points = (self.points or count) if whole else self._grid_points(count)
        return tuple(self._at(index) for index in spacing.spread(count, points))

    @property
    def kind(self) -> str:
        """How values are drawn, in words."""
        if self.pow2:
            return "powers of 2"
        return "log-uniform integer" if self.log else "integer"

    def __str__(self) -> str:
        scale = "pow2" if self.pow2 else "int:log" if self.log else "int"
        return self._text(self.low, self.high, scale)

    def _text(self, low: float, high: float, scale: str | None = None) -> str:
        if scale is None:
            words = ["int"] if is_learning_rate(self.name) and not self.pow2 else []
            words += ["pow2"] if self.pow2 else ["log"] if self.log else []
            scale = ":".join(words)
        word = f":{scale}" if scale else ""
        return f"{self.label}={low}:{high}{word}{self._suffixes()}"


def _nearest_power(value: int) -> int:
    """The power of 2 nearest to `value`, at least 1; the smaller one of two as near."""
    if value < 2:
        return 1
    below = 1 << (value.bit_length() - 1)
    return below if value - below <= 2 * below - value else 2 * below
