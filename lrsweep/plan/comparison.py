"""What `--compare` names, checked."""

from __future__ import annotations

from difflib import get_close_matches

from lrsweep.errors import PlanError
from lrsweep.space import Choice, Space


def compared(name: str, space: Space) -> Choice:
    """The choice `name` of `space`, whose values are to be compared.

    Raises `PlanError` where there is none, and where it does not exist in every trial.
    """
    choices = {p.name: p for p in space.parameters if isinstance(p, Choice)}
    if name not in choices:
        near = get_close_matches(name, choices, n=1)
        listed = ", ".join(choices) or "there is none; try -s optimizer=sgd,adamw"
        hint = f"did you mean {near[0]}?" if near else f"choices of the space: {listed}"
        raise PlanError(f"--compare {name}: the space has no choice {name}", hint=hint)
    if choices[name].when is not None:
        raise PlanError(
            f"--compare {name}: {choices[name].label} exists only in some trials",
            hint="compare the choice that it hangs on",
        )
    return choices[name]


def check_compared(name: str | None, space: Space) -> None:
    """Raises `PlanError` where `name` is no choice that can be compared; None is well."""
    if name is not None:
        compared(name, space)
