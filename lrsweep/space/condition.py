"""Under which choice a parameter exists, and the label that follows from it."""

from __future__ import annotations

from dataclasses import dataclass, field

from lrsweep.space.values import quote, same_value, write_value
from lrsweep.trial import Params, ParamValue


@dataclass(frozen=True, slots=True)
class Condition:
    """Exists only where the choice named `parent` (its plain name) takes `value`.

    An empty `parent` means the one choice that has `value`; `Space` fills it in. `qualified` says
    that the text must name the parent, since `value` alone would be ambiguous in that space.
    """

    parent: str
    value: ParamValue
    qualified: bool = field(default=False, compare=False)

    def holds(self, params: Params) -> bool:
        """Whether these values, by plain name, meet the condition."""
        return self.parent in params and same_value(params[self.parent], self.value)

    def __str__(self) -> str:
        text = write_value(self.value)
        if text == self.value and "=" in text:
            text = quote(text)
        return f"{self.parent}={text}" if self.qualified else text


class Labelled:
    """What all parameters share: a name, perhaps a condition, and the label made of both."""

    __slots__ = ()
    name: str
    when: Condition | None

    @property
    def label(self) -> str:
        """The name inside the study, unique there: "lr", or "lr@sgd" under a condition."""
        return self.name if self.when is None else f"{self.name}@{self.when}"
