"""Parameters that take one of a few values, or always the same."""

from __future__ import annotations

from dataclasses import dataclass

from lrsweep.errors import SpaceError
from lrsweep.space.condition import Condition, Labelled
from lrsweep.space.names import check_name, shown
from lrsweep.space.values import check_value, format_value, is_number, same_value, write_value
from lrsweep.terms import is_learning_rate
from lrsweep.trial import ParamValue


@dataclass(frozen=True, slots=True)
class Choice(Labelled):
    """One of two or more values. Integers among floats, or of a learning rate, become floats;
    numbers among texts become text.

    Raises `SpaceError`, also where two values are equal or look the same on a command line.
    """

    name: str
    values: tuple[ParamValue, ...]
    when: Condition | None = None

    def __post_init__(self) -> None:
        check_name(self.name)
        for value in self.values:
            check_value(value, self.label)
        if is_learning_rate(self.name) or any(isinstance(value, float) for value in self.values):
            object.__setattr__(self, "values", tuple(_as_float(value) for value in self.values))
        if not is_learning_rate(self.name) and any(isinstance(v, str) for v in self.values):
            texts = (format_value(v) if is_number(v) else v for v in self.values)
            object.__setattr__(self, "values", tuple(texts))
        if len(self.values) < 2:
            raise SpaceError("a choice has two values or more", hint=f"try {self.label}=sgd,adamw")
        self._check_distinct()

    def _check_distinct(self) -> None:
        seen: dict[ParamValue, ParamValue] = {}
        for value in self.values:
            text = format_value(value)
            if value in seen or text in seen:
                twin = seen[value] if value in seen else seen[text]
                one, two = shown(write_value(twin)), shown(write_value(value))
                rest = ",".join(write_value(v, self.name) for v in dict.fromkeys(seen.values()))
                raise SpaceError(
                    f"{one} is given twice"
                    if one == two
                    else f"{one} and {two} cannot be told apart",
                    hint=f"try {self.label}={rest}",
                )
            seen[value] = seen[text] = value

    def contains(self, value: ParamValue) -> bool:
        """Whether `value` is one of the values; true is not 1."""
        return any(same_value(value, each) for each in self.values)

    def grid(self) -> tuple[ParamValue, ...]:
        """All values, in the user's order."""
        return self.values

    @property
    def kind(self) -> str:
        """How values are drawn, in words."""
        return "choice"

    @property
    def range(self) -> str:
        """The values, as they are written."""
        return ", ".join(write_value(value, self.name) for value in self.values)

    def __str__(self) -> str:
        return f"{self.label}={','.join(write_value(value, self.name) for value in self.values)}"


@dataclass(frozen=True, slots=True)
class Fixed(Labelled):
    """Always the same value. An integer of a learning rate becomes a float."""

    name: str
    value: ParamValue
    when: Condition | None = None

    def __post_init__(self) -> None:
        check_name(self.name)
        check_value(self.value, self.label)
        if is_learning_rate(self.name):
            object.__setattr__(self, "value", _as_float(self.value))

    def contains(self, value: ParamValue) -> bool:
        """Whether `value` is the one; true is not 1."""
        return same_value(value, self.value)

    def grid(self) -> tuple[ParamValue, ...]:
        """The one value."""
        return (self.value,)

    @property
    def kind(self) -> str:
        """How values are drawn, in words."""
        return "fixed"

    @property
    def range(self) -> str:
        """The value, as it is written."""
        return write_value(self.value, self.name)

    def __str__(self) -> str:
        return f"{self.label}={write_value(self.value, self.name)}"


def _as_float(value: ParamValue) -> ParamValue:
    return float(value) if is_number(value) else value
