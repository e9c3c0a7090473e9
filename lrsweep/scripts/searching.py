"""What to search first in a script: its learning rate, batch size and optimizer, and where."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lrsweep.analysis.search_ranges import SEARCH_RANGES, search_range
from lrsweep.scripts import Parameter, Script
from lrsweep.scripts.budget import BUDGETS
from lrsweep.scripts.optimizer import optimizer_of
from lrsweep.space.values import plain_number
from lrsweep.terms import is_main_rate, is_optimizer, is_training_batch_size

# What is known of a rate where the script does not say which optimizer it drives.
_ANY_OPTIMIZER = "adam"
# Rates below are chosen for weights that are trained already.
_FINE_TUNING = 1e-4
_MOST_DECADES = 5.0
# A budget from here on means "until it is stopped".
_FOR_EVER = 1e8


@dataclass(frozen=True, slots=True)
class Searched:
    """A range of the learning rate `name`, as the grammar writes it, and why it is that one."""

    name: str
    range: str
    default: int | float | None = None
    fine_tuning: bool = False


def learning_rates(script: Script) -> list[Parameter]:
    """The parameters that are the learning rate: numbers, the plainest name first."""
    found = [p for p in script.parameters if is_main_rate(p.name) and _is_number(p)]
    return sorted(found, key=lambda p: (p.name.count("."), len(p.name)))


def _is_number(parameter: Parameter) -> bool:
    if parameter.kind in ("bool", "text") or parameter.choices or parameter.many == "items":
        return False
    number = parameter.default_number
    return number is None if parameter.default is None else number is not None and number > 0


def first_rate(script: Script) -> Searched | None:
    """The learning rate and its range; None where the script shows none."""
    found = learning_rates(script)
    return searched(script, found[0]) if found else None


def needed_rate(script: Script) -> str | None:
    """`lr=0.001`, in the middle of its range, where the script does not run without one."""
    found = next(iter(learning_rates(script)), None)
    if found is None or not found.required:
        return None
    low, high = map(float, searched(script, found).range.split(":"))
    return f"{found.name}={float(f'{math.sqrt(low * high):.0e}'):g}"


def searched(script: Script, parameter: Parameter) -> Searched:
    """The range of `parameter` for the optimizer that the script uses."""
    driving = optimizer_of(script)[0].lower()
    default = parameter.default_number
    fine_tuning = default is not None and 0 < default < _FINE_TUNING
    low, high = search_range(
        driving if driving in SEARCH_RANGES else _ANY_OPTIMIZER,
        "fine-tuning" if fine_tuning else "from-scratch",
    )
    return Searched(parameter.name, range_text(*around(low, high, default)), default, fine_tuning)


def around(low: float, high: float, default: float | None) -> tuple[float, float]:
    """The range with `default` inside, a decade from either end, and at most five decades wide."""
    if default:
        low, high = min(low, default / 10), max(high, default * 10)
        if math.log10(high / low) > _MOST_DECADES:
            if default * default < low * high:
                high = low * 10**_MOST_DECADES
            else:
                low = high / 10**_MOST_DECADES
    return low, high


def range_text(low: float, high: float) -> str:
    """`1e-05:0.1`, with one digit of each end."""
    return f"{plain_number(float(f'{low:.0e}'))}:{plain_number(float(f'{high:.0e}'))}"


def optimizer_choices(script: Script) -> tuple[str, list[str]]:
    """The name of the optimizer's parameter, and those of its choices whose rates are known."""
    found = next((p for p in script.parameters if is_optimizer(p.name)), None)
    if found is None:
        return "", []
    return found.name, [choice for choice in found.choices if choice.lower() in SEARCH_RANGES]


def batch_size(script: Script) -> Parameter | None:
    """The batch size of the training, where its default is known."""
    found = [
        p
        for p in script.parameters
        if is_training_batch_size(p.name)
        and isinstance(p.default, int)
        and not isinstance(p.default, bool)
        and p.default > 0
    ]
    return min(found, key=lambda p: (p.name.count("."), len(p.name)), default=None)


def budgets(script: Script) -> list[Parameter]:
    """The parameters that say how long it trains, the surest first."""
    ends = {name: p for p in script.parameters for name in BUDGETS if _ends_with(p.name, name)}
    exact = {name: found for name in BUDGETS if (found := script.parameter(name)) is not None}
    return list({p.name: p for p in ({**ends, **exact}).values()}.values())


def _ends_with(name: str, budget: str) -> bool:
    return name.replace("-", "_").lower().rpartition(".")[2] == budget


def budget(script: Script) -> Parameter | None:
    """The parameter that ends the training; None where nothing is known to."""
    return next((p for p in budgets(script) if _is_finite(p)), None)


def endless(script: Script) -> Parameter | None:
    """The budget that means "for ever", where no other one ends the training."""
    if budget(script) is not None:
        return None
    return next((p for p in budgets(script) if _means_for_ever(p)), None)


def _is_finite(parameter: Parameter) -> bool:
    number = parameter.default_number
    return number is not None and 0 < number < _FOR_EVER


def _means_for_ever(parameter: Parameter) -> bool:
    number = parameter.default_number
    return number is not None and (number <= 0 or number >= _FOR_EVER)


def main_rate_among(names: Sequence[str]) -> str | None:
    """The learning rate among names that a command says itself: `--lr {lr}`."""
    found = [name for name in names if is_main_rate(name)]
    return min(found, key=len, default=None)
